//! The gateway's stages without network or database: parsing, planning, holding, settling.

mod fixture;
mod hold;
mod parse;
mod plan;
mod render;
mod settle;
