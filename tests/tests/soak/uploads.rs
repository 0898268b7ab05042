//! Many large files at once: how much memory they take.
//!
//! The long form is a measurement of the released program; the short one holds that memory does not
//! grow with what is uploaded.

use futures_util::future::join_all;
use reqwest::multipart::{Form, Part};
use test_db::Backend;

use super::memory::peak;
use crate::harness::{Setup, Tenant, runtime};

/// What the service may take at its highest, in MB.
const ALLOWED: u64 = 200;

const AT_ONCE: u8 = 50;
const SIZE: usize = 20 * 1024 * 1024 - 1024;

#[test]
fn files_are_never_whole_in_memory() {
    runtime().block_on(async {
        let world = Setup::on(Backend::Sqlite).start().await;
        let tenant = world.register().await;
        let rest = peak(&world);
        join_all((0..10).map(|n| upload(&tenant, "film.mp4", film(n)))).await;
        let grown = peak(&world) - rest;
        assert!(grown < 100, "ten files of 20 MB took {grown} MB");
    });
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak uploads`"]
fn long_on_sqlite() {
    runtime().block_on(measure(Backend::Sqlite));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak uploads`"]
fn long_on_postgres() {
    runtime().block_on(measure(Backend::Postgres));
}

async fn measure(backend: Backend) {
    let world = Setup::on(backend).start().await;
    let tenant = world.register().await;
    // One that has been at work has its connections.
    let asked = (0..AT_ONCE).map(|_| tenant.api.get("/api/v1/leads"));
    join_all(asked).await;
    let rest = peak(&world);
    let films = (0..AT_ONCE).map(|n| upload(&tenant, "film.mp4", film(n)));
    join_all(films).await;
    let films = peak(&world);
    let photo = photo();
    let size = photo.len();
    let photos = (0..AT_ONCE).map(|n| {
        // Each another content: something after a picture's end changes nothing in it.
        let mut photo = photo.clone();
        photo.push(n);
        upload(&tenant, "photo.jpg", photo)
    });
    join_all(photos).await;
    let photos = peak(&world);
    println!(
        "uploads on {backend:?}: the highest resident memory in MB: before {rest}, after {AT_ONCE} \
         films of 20 MB at once {films}, after {AT_ONCE} photos of {} MB and 12 megapixels {photos}",
        size / 1_000_000
    );
    assert!(films <= ALLOWED, "{films} MB after films");
    assert!(photos <= ALLOWED, "{photos} MB after photos");
}

async fn upload(tenant: &Tenant, name: &str, bytes: Vec<u8>) {
    let part = Part::bytes(bytes).file_name(name.to_owned());
    let request = tenant.api.request("POST", "/api/v1/media");
    let request = request.multipart(Form::new().part("file", part));
    tenant.api.send(request).await.expect(201);
}

fn film(n: u8) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    bytes.resize(SIZE, n);
    bytes
}

fn photo() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = image::RgbImage::from_fn(4000, 3000, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    });
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 80);
    noise.write_with_encoder(encoder).unwrap();
    bytes
}
