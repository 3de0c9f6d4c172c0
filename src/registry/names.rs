//! One name, or a list of names.

mod sealed {
    pub trait Names {}
}

/// The names passed to a method of a [`Registry`](crate::Registry): one name (`&str`, `&String` or
/// `String`), or a list (an array, a slice or a `Vec` of strings).
///
/// A name is any string, including the empty one. This trait is sealed.
///
/// ```
/// let registry = smoke_signal::Registry::new();
/// registry.on("saved", || ()).unwrap();
/// registry.on(["opened", "closed"], || ()).unwrap();
/// registry.clear(vec!["saved".to_owned(), "opened".to_owned()]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a name nor a list of names",
    note = "one name is a `&str` or a `&String`, a list is an array, slice or `Vec` of strings"
)]
pub trait Names: sealed::Names {
    /// Returns the names, in the given order.
    #[doc(hidden)]
    fn list(&self) -> Vec<&str>;
}

macro_rules! impl_one_name {
    ($($One:ty),*) => {$(
        impl sealed::Names for $One {}
        impl Names for $One {
            fn list(&self) -> Vec<&str> {
                vec![self.as_ref()]
            }
        }
    )*};
}

impl_one_name!(&str, &String, String);

macro_rules! impl_list_of_names {
    ($([$($const:tt)*] $List:ty),*) => {$(
        impl<S: AsRef<str>, $($const)*> sealed::Names for $List {}
        impl<S: AsRef<str>, $($const)*> Names for $List {
            fn list(&self) -> Vec<&str> {
                self.iter().map(AsRef::as_ref).collect()
            }
        }
    )*};
}

impl_list_of_names!(
    [const N: usize] [S; N],
    [const N: usize] &[S; N],
    [] &[S],
    [] Vec<S>,
    [] &Vec<S>
);

/// Copies the names and drops the originals, which may run user code: before anything is connected, so
/// that a panic there leaves nothing behind.
pub(crate) fn owned(names: impl Names) -> Vec<String> {
    let owned = names.list().into_iter().map(str::to_owned).collect();
    drop(names); // explicitly, or a panic in its drop would leak the copy: see `Core::emit`
    owned
}
