//! What happens around every request, from the outside in: [`context`] gives it an id and puts
//! the headers on that every answer has, [`measure`] counts it, [`span`] logs it, then come
//! compression, [`methods`] and [`panics`]. A [`deadline`]
//! is set per scope, and the API's scopes [`identify`] the caller.

pub mod context;
pub mod deadline;
pub mod identify;
pub mod measure;
pub mod methods;
pub mod panics;
pub mod span;

#[cfg(test)]
mod tests;
