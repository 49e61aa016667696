//! The numshop binary.

fn main() {}
