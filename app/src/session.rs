//! Who is signed in, asked once per page and shared by all that show it.

use api::Me;
use leptos::prelude::*;

use crate::AppError;

/// The signed-in account, or `None`.
#[server(endpoint = "whoami")]
pub async fn whoami() -> Result<Option<Me>, AppError> {
    Ok(crate::port::port::<dyn api::Account>()?.me().await?)
}

#[server(endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    crate::port::port::<dyn api::Account>()?.sign_out().await?;
    crate::port::go("/");
    Ok(())
}

/// Handle to the answer of [`whoami`]; get it with [`use_session`].
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub me: Resource<Result<Option<Me>, AppError>>,
}

impl Session {
    /// Asks the server anew: after signing in or out, and when credits may have changed.
    pub fn refetch(self) {
        self.me.refetch();
    }
}

/// Makes the session known to all pages below. Called once, by the application.
pub fn provide_session() {
    provide_context(Session { me: Resource::new_blocking(|| (), |()| whoami()) });
}

pub fn use_session() -> Session {
    // A page rendered on its own, outside the application, has nobody signed in.
    use_context().unwrap_or_else(|| Session { me: Resource::new(|| (), |()| async { Ok(None) }) })
}

/// `next` if it is a path of this site, else the page of keys, where a newcomer has something to do.
///
/// Browsers read `//host` and `/\host` as another site, and strip tabs and line breaks from a URL.
pub fn safe_path(next: &str) -> &str {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.starts_with("/sign-in")
        && next.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    if inside { next } else { "/keys" }
}

#[cfg(test)]
mod tests {
    use super::safe_path;

    #[test]
    fn only_paths_of_this_site_are_returned_to() {
        for path in ["/", "/keys", "/openai/gpt-4o:free?a=b#c", "/activity?page=2"] {
            assert_eq!(safe_path(path), path);
        }
        for path in [
            "",
            "keys",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie:",
            "/sign-in?next=/",
        ] {
            assert_eq!(safe_path(path), "/keys", "{path:?}");
        }
    }
}
