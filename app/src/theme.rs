//! Light or dark: the visitor's choice, kept in a cookie so that the server paints it at once.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::parts::{Icon, IconName, hide_popover};

const COOKIE: &str = "theme";

/// What the visitor chose; without a choice the system decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    const ALL: [(Self, &'static str, IconName); 3] = [
        (Self::System, "System", IconName::Auto),
        (Self::Light, "Light", IconName::Sun),
        (Self::Dark, "Dark", IconName::Moon),
    ];

    /// The value of `data-theme` on `<html>`; none means the system's choice.
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// Unknown values mean the system's choice.
    pub fn parse(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// As the request's cookie says, or, in the browser, as the page is painted.
    pub fn current() -> Self {
        let name = if cfg!(target_arch = "wasm32") {
            document().document_element().and_then(|html| html.get_attribute("data-theme"))
        } else {
            crate::port::request_cookie(COOKIE)
        };
        name.as_deref().map_or(Self::default(), Self::parse)
    }

    /// Repaints the page in the browser, ahead of the server's answer.
    fn paint(self) {
        if let Some(html) = document().document_element() {
            // Neither can fail: the name is a valid attribute name.
            _ = match self.attribute() {
                Some(name) => html.set_attribute("data-theme", name),
                None => html.remove_attribute("data-theme"),
            };
        }
    }
}

/// Keeps the choice for a year.
#[server(endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<(), AppError> {
    let (value, age) = theme.attribute().map_or(("", 0), |name| (name, 31_536_000));
    crate::port::set_cookie(&format!("{COOKIE}={value}; Path=/; Max-Age={age}; SameSite=Lax"));
    Ok(())
}

/// The menu of themes: a form with three buttons, so that it works without script.
#[component]
pub fn ThemeMenu(id: &'static str) -> impl IntoView {
    let action = ServerAction::<SetTheme>::new();
    let chosen = RwSignal::new(Theme::current());
    let choices = Theme::ALL.map(|(theme, label, icon)| {
        let choose = move |_| {
            theme.paint();
            chosen.set(theme);
            hide_popover(id);
        };
        let pressed = move || if chosen.get() == theme { "true" } else { "false" };
        view! {
            <button type="submit" name="theme" value=theme.attribute().unwrap_or("system") aria-pressed=pressed on:click=choose>
                <Icon name=icon/>
                {label}
            </button>
        }
    });
    view! {
        <ActionForm action attr:class="menu" attr:id=id attr:popover="auto" attr:data-size="s" attr:aria-label="Theme">
            {choices.collect_view()}
        </ActionForm>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_says_what_the_attribute_says() {
        for (theme, ..) in Theme::ALL {
            assert_eq!(Theme::parse(theme.attribute().unwrap_or_default()), theme);
        }
        assert_eq!(Theme::parse("\"><script>"), Theme::System);
    }
}
