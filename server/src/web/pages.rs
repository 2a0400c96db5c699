//! The site's pages: rendered here with the ports of `api`, with their server functions and files beside them.

use std::path::Path;
use std::sync::Arc;

use api::{Account, Activity, Catalog, Keys};
use app::{App, shell};
use axum::Router;
use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list};

use super::visit::Visit;
use super::{Site, files};

/// The name of script and style sheet, as `.cargo/config.toml` tells it to the compiler.
const OUTPUT_NAME: &str = "souk";
const PACKAGE: &str = "pkg";
/// The file in it that names the folder of the newest bundle.
const CURRENT: &str = "current";

pub fn router(site: &Arc<Site>) -> Router {
    let root = &site.config.root;
    let options = LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(root.to_string_lossy().as_ref())
        .site_pkg_dir(package_in(root))
        .build();
    let provide = provide_ports(site.clone());
    let document = {
        let options = options.clone();
        move || shell(options.clone())
    };
    // What is no page and no file is a page that says so.
    let missing = leptos_axum::render_app_async_with_context(provide.clone(), document.clone());
    let missing = axum::routing::get(missing).fallback(not_allowed);
    let cache = || axum::middleware::from_fn(files::cache);
    let package = Router::new().fallback_service(files::folder(root.join(PACKAGE))).layer(cache());
    let public = Router::new().fallback_service(files::folder(root).fallback(missing.with_state(())));
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), provide, document)
        .with_state(options)
        .nest_service(&format!("/{PACKAGE}"), package) // `nest` would look for a model of that name first
        .fallback_service(public.layer(cache()))
}

/// Where pages find their scripts: `pkg/VERSION`. Before the first `make build` there are none, and pages do without.
fn package_in(root: &Path) -> String {
    match std::fs::read_to_string(root.join(PACKAGE).join(CURRENT)) {
        Ok(version) => format!("{PACKAGE}/{version}"),
        Err(_) => PACKAGE.to_owned(),
    }
}

async fn not_allowed() -> http::StatusCode {
    http::StatusCode::METHOD_NOT_ALLOWED
}

/// The one place where pages and server functions get their ports: one visit for each request.
fn provide_ports(site: Arc<Site>) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        // Routes are listed without a request.
        let Some(request) = use_context::<Parts>() else { return };
        let visit = Arc::new(Visit::new(site.clone(), &request));
        provide_context::<Arc<dyn Account>>(visit.clone());
        provide_context::<Arc<dyn Activity>>(visit.clone());
        provide_context::<Arc<dyn Catalog>>(visit.clone());
        provide_context::<Arc<dyn Keys>>(visit);
    }
}
