//! otpcepat
