//! The components that pages share: one per class of `style/parts.css`, with the same name.
//!
//! They are stateless: values come as props, state that must be kept lives in the page or the URL.

mod badge;
mod button;
mod code_block;
mod copy;
mod dialog;
mod field;
mod footer;
mod icon;
mod identity;
mod menu;
mod message;
mod modalities;
mod model_table;
mod pager;
mod price;
mod quick_start;
mod receipt;
mod stat;
mod table;
mod top_bar;
mod trace;
mod url_dialog;

pub use badge::{Badge, Chip, SimulatedBadge, Status, Tone};
pub use button::{Button, ButtonKind, IconButton, LinkButton, Size};
pub use code_block::CodeBlock;
pub use copy::Copy;
pub use dialog::{Dialog, close_dialog, show_dialog};
pub use field::{Field, FormAlert};
pub use footer::SiteFooter;
pub use icon::{BrandMark, Icon, IconName};
pub use identity::{Identity, Tile, TileKind};
pub use menu::{Menu, hide_popover};
pub use message::{EmptyState, Failed, Notice, Skeleton, sign_in_href};
pub use modalities::Modalities;
pub use model_table::ModelTable;
pub use pager::Pager;
pub use price::Price;
pub use quick_start::QuickStart;
pub use receipt::{Receipt, ReceiptShape};
pub use stat::{Stat, StatStrip};
pub use table::{Align, Cell, Column, DataTable, RowHead};
pub use top_bar::TopBar;
pub use trace::Trace;
pub use url_dialog::{CloseLink, Overlay, UrlDialog};
