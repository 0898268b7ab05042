//! The inbox in the browser: a client of the public API and of nothing else, built from `ui/` by
//! `build.rs` and part of the program.
//!
//! The page itself is made anew for each request, since its policy names a number that only this
//! answer has; what it loads is named by its content and kept for ever.

mod policy;

use actix_web::guard::GuardContext;
use actix_web::http::Method;
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, Encoding, Header, Preference, Quality,
};
use actix_web::mime::TEXT_HTML;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use rust_embed::{EmbeddedFile, RustEmbed};

use policy::Nonce;

// `Files`, with all that the build script has built.
include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The page.
const PAGE: &str = "index.html";

/// Files here have their content's digest in their names.
const ASSETS: &str = "assets/";

/// What the page holds where the number of its policy is to stand.
const NONCE: &str = "__CSP_NONCE__";

/// Serves the page under `/` and under every path that nothing else answers and that a browser asks
/// for as a page, so that its own addresses can be reloaded; and its files. To be registered last.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/{path:.*}").guard(is_for_us).to(answer));
}

fn is_for_us(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    let path = head.uri.path().trim_start_matches('/');
    reads && (path.is_empty() || Files::get(path).is_some() || accepts_html(context))
}

/// Programs that want anything get an error they understand.
fn accepts_html(context: &GuardContext<'_>) -> bool {
    context.header::<header::Accept>().is_some_and(|accept| {
        let mut each = accept.iter();
        each.any(|one| one.quality > Quality::ZERO && one.item.essence_str() == TEXT_HTML)
    })
}

async fn answer(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    match Files::get(path) {
        Some(file) if path != PAGE => asset(&request, path, &file),
        _ => page(),
    }
}

fn page() -> HttpResponse {
    let Some(file) = Files::get(PAGE) else {
        return HttpResponse::NotFound().finish();
    };
    let nonce = Nonce::fresh();
    let text = String::from_utf8_lossy(&file.data).replace(NONCE, nonce.as_str());
    safe(&mut HttpResponse::Ok())
        .content_type(header::ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, nonce.policy()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text)
}

fn asset(request: &HttpRequest, path: &str, file: &EmbeddedFile) -> HttpResponse {
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let caching = if path.starts_with(ASSETS) {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let known = request.headers().get(header::IF_NONE_MATCH);
    let unchanged =
        known.is_some_and(|known| known.to_str().is_ok_and(|tags| tags.contains(&etag)));
    let mut answer = if unchanged {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    safe(&mut answer)
        .insert_header((header::ETAG, etag))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::VARY, "accept-encoding"));
    if unchanged {
        return answer.finish();
    }
    answer.content_type(file.metadata.mimetype());
    match smaller(request, path) {
        Some((encoding, file)) => answer.insert_header(encoding).body(file.data.into_owned()),
        None => answer.body(file.data.clone().into_owned()),
    }
}

/// The file as the build has compressed it, if the client takes that.
fn smaller(request: &HttpRequest, path: &str) -> Option<(ContentEncoding, EmbeddedFile)> {
    let accepted = AcceptEncoding::parse(request).ok()?;
    let takes = |encoding: Encoding| {
        let wanted = Preference::Specific(encoding);
        let mut each = accepted.iter();
        each.any(|one| one.quality > Quality::ZERO && one.item == wanted)
    };
    let br = || Some((ContentEncoding::Brotli, Files::get(&format!("{path}.br"))?));
    let gz = || Some((ContentEncoding::Gzip, Files::get(&format!("{path}.gz"))?));
    takes(Encoding::brotli())
        .then(br)
        .flatten()
        .or_else(|| takes(Encoding::gzip()).then(gz).flatten())
}

/// What holds for everything that is served here.
fn safe(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("cross-origin-resource-policy", "same-origin"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
