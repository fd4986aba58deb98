//! The definition language: parse, print, and the tree in between.
//!
//! [`parse`] reads one snippet of a definition (a condition or value, or an event expression)
//! and [`mod@print`] writes its canonical form; each is the other's inverse. [`walk`] goes through a
//! tree. What names mean is the business of [`crate::check`].

pub mod ast;
mod level;
mod lexer;
pub mod parse;
pub mod print;
mod token;
pub mod walk;
mod words;
