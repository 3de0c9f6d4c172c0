//! What only signals for one thread promise. What both kinds promise is in `both` and in `reference`.

mod changing;
mod ends;
mod values;
