//! Choices drawn from the bytes of an input, for targets whose files are made rather than given.

use arbitrary::Unstructured;

/// Draws from the bytes of an input; when they are used up, everything is the least there is.
pub(crate) struct Draw<'a>(Unstructured<'a>);

impl<'a> Draw<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// A number below `count`, which is not 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.int_in_range(0..=count - 1).unwrap_or(0)
    }

    /// One of several.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(crate) fn i64(&mut self) -> i64 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub(crate) fn f64(&mut self) -> f64 {
        self.0.arbitrary().unwrap_or(0.0)
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.0.arbitrary().unwrap_or(false)
    }

    pub(crate) fn text(&mut self) -> String {
        self.0.arbitrary().unwrap_or_default()
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }
}
