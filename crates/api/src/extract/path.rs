//! Parts of the path.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::Extracting;
use crate::error::ApiError;

/// Parts of the path, mostly an id. What has not the form of an id names nothing: 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parts = web::Path::<T>::from_request(request, payload);
        Box::pin(async move {
            let parts = parts.await.map_err(|_| ApiError::NotFound)?;
            Ok(Self(parts.into_inner()))
        })
    }
}
