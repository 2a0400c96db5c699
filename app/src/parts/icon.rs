//! The icons: strokes on a 24 × 24 grid, drawn in the colour of the text around them.

use leptos::prelude::*;

use crate::parts::Size;

macro_rules! icons {
    ($($name:ident = $shapes:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum IconName { $($name,)* }

        impl IconName {
            /// The SVG elements of the icon.
            const fn shapes(self) -> &'static str { match self { $(Self::$name => $shapes,)* } }
        }
    };
}

icons! {
    Alert = r#"<path d="M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17h.01"/>"#,
    Arrow = r#"<path d="M5 12h14M13 6l6 6-6 6"/>"#,
    Audio = r#"<path d="M4 10v4M8 7v10M12 4v16M16 8v8M20 10.5v3"/>"#,
    Auto = r#"<rect x="3.5" y="4.5" width="17" height="12" rx="1.5"/><path d="M9 20h6M12 16.5V20"/>"#,
    Box = r#"<path d="M12 3.5 4 7.5v9l8 4 8-4v-9ZM4 7.5l8 4 8-4M12 11.5v9"/>"#,
    Brain = r#"<path d="M12 4a3 3 0 0 0-5 1.5A3.5 3.5 0 0 0 4.5 11 3.5 3.5 0 0 0 6 17a3 3 0 0 0 6 1Zm0 0a3 3 0 0 1 5 1.5A3.5 3.5 0 0 1 19.5 11 3.5 3.5 0 0 1 18 17a3 3 0 0 1-6 1"/>"#,
    Chat = r#"<path d="M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H10l-4.5 4v-4A2 2 0 0 1 4 14Z"/>"#,
    Check = r#"<path d="m5 12.5 4.5 4.5L19 7"/>"#,
    Clock = r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>"#,
    Copy = r#"<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 5.5A1.5 1.5 0 0 0 13.5 4h-8A1.5 1.5 0 0 0 4 5.5v8A1.5 1.5 0 0 0 5.5 15"/>"#,
    Down = r#"<path d="m6 9.5 6 6 6-6"/>"#,
    File = r#"<path d="M6 3.5h8l4.5 4.5v12.5H6Z"/><path d="M14 3.5V8h4.5"/>"#,
    Gear = r#"<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9 18 18M18 6l-2.1 2.1M8.1 15.9 6 18"/>"#,
    Image = r#"<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><circle cx="9" cy="10" r="1.5"/><path d="m4 17 5-4 3.5 2.5L16 12l4.5 4"/>"#,
    Info = r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8h.01"/>"#,
    Key = r#"<circle cx="8" cy="15" r="4"/><path d="m11 12 8.5-8.5M16 7l3 3M13.5 9.5l2 2"/>"#,
    Left = r#"<path d="m14.5 6-6 6 6 6"/>"#,
    Lock = r#"<rect x="5.5" y="11" width="13" height="9" rx="2"/><path d="M8.5 11V8a3.5 3.5 0 0 1 7 0v3"/>"#,
    Logout = r#"<path d="M14 4.5H6.5A1.5 1.5 0 0 0 5 6v12a1.5 1.5 0 0 0 1.5 1.5H14M10.5 12H20M16.5 8l4 4-4 4"/>"#,
    Menu = r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#,
    Moon = r#"<path d="M20 14.2A8 8 0 0 1 9.8 4 8 8 0 1 0 20 14.2Z"/>"#,
    Plus = r#"<path d="M12 5v14M5 12h14"/>"#,
    Pulse = r#"<path d="M3 12h4l3-8 4 16 3-8h4"/>"#,
    Right = r#"<path d="m9.5 6 6 6-6 6"/>"#,
    Route = r#"<circle cx="6" cy="18" r="2.5"/><circle cx="18" cy="6" r="2.5"/><path d="M8.5 18H14a3.5 3.5 0 0 0 0-7h-4a3.5 3.5 0 0 1 0-7h5.5"/>"#,
    Search = r#"<circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/>"#,
    Send = r#"<path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" stroke-width="2.1"/>"#,
    Server = r#"<rect x="4" y="4" width="16" height="7" rx="1.5"/><rect x="4" y="13" width="16" height="7" rx="1.5"/><path d="M8 7.5h.01M8 16.5h.01"/>"#,
    Shield = r#"<path d="M12 3.5 5 6v6c0 4.5 3 7.5 7 8.5 4-1 7-4 7-8.5V6Z"/>"#,
    Sliders = r#"<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>"#,
    Stop = r#"<rect x="7" y="7" width="10" height="10" rx="1.5"/>"#,
    Sun = r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1"/>"#,
    Terminal = r#"<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="m7.5 9.5 3 2.5-3 2.5M13 15h3.5"/>"#,
    Text = r#"<path d="M5 6.5V5h14v1.5M12 5v14M9.5 19h5"/>"#,
    Trash = r#"<path d="M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5"/>"#,
    Up = r#"<path d="M12 19V5M6 11l6-6 6 6"/>"#,
    User = r#"<circle cx="12" cy="8.5" r="4"/><path d="M4.5 20c.8-4 4-6 7.5-6s6.7 2 7.5 6"/>"#,
    Video = r#"<rect x="3.5" y="6" width="12" height="12" rx="2"/><path d="m15.5 11 5-3v8l-5-3"/>"#,
    Wallet = r#"<rect x="3.5" y="6" width="17" height="13" rx="2"/><path d="M3.5 10h17M16 14.5h1.5"/>"#,
    X = r#"<path d="m6 6 12 12M18 6 6 18"/>"#,
}

/// An icon beside text that says the same; with `label` it speaks for itself.
#[component]
pub fn Icon(
    name: IconName,
    #[prop(optional)] size: Size,
    #[prop(optional, into)] label: Option<String>,
) -> impl IntoView {
    let (role, hidden) = if label.is_some() { (Some("img"), None) } else { (None, Some("true")) };
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            data-size=size.attribute()
            role=role
            aria-label=label
            aria-hidden=hidden
            inner_html=name.shapes()
        ></svg>
    }
}

/// The sign of the market: an eight-pointed star with a keyhole.
#[component]
pub fn BrandMark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path
                fill="currentColor"
                fill-rule="evenodd"
                d="M12 .8 15.28 4.08H19.92V8.72L23.2 12 19.92 15.28V19.92H15.28L12 23.2 8.72 19.92H4.08V15.28L.8 12 4.08 8.72V4.08H8.72ZM12 7.3a2.9 2.9 0 0 0-1.5 5.38L9.7 17h4.6l-.8-4.32A2.9 2.9 0 0 0 12 7.3Z"
            ></path>
        </svg>
    }
}
