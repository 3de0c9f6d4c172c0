//! Tests of smoke-signal's async signals on executors. The snippets of a page of its documentation that need tokio run here.

#![doc(test(attr(deny(warnings))))]

#[cfg(doctest)]
#[doc = include_str!("../../../docs/recipes_time.md")]
struct RecipesWithTime;
