//! virtusim
