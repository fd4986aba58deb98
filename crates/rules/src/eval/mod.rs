//! The evaluator: compiled expressions and the nodes with memory that they look at.
//!
//! Start at [`graph`]: one pass over a graph's nodes is one instant of one subject. [`node`] lists
//! the kinds of nodes and what each does. [`value`] is
//! what nodes say, [`expr`] what is computed from it without memory, [`window`] which stretch of
//! time counts; the other files hold one kind of node each. Nothing here knows a clock (P9).

mod concerns;
pub mod each;
pub mod entries;
pub mod expr;
pub mod gate;
pub mod grade;
pub mod graph;
pub mod kept;
pub mod leaf;
pub mod level;
pub mod memory;
pub mod node;
pub mod score;
pub mod sequence;
pub mod value;
pub mod window;
