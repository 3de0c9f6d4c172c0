//! What a subject may be.

use crate::error::LinkError;

/// Accepts parts with dots between, without wildcards. The subjects that begin with `$` belong to the server.
pub(crate) fn check(subject: &str) -> Result<(), LinkError> {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.chars().any(|letter| {
                letter.is_whitespace() || letter.is_control() || "*>".contains(letter)
            })
    };
    if subject.split('.').all(is_part) && !subject.starts_with('$') {
        Ok(())
    } else {
        Err(LinkError::Subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_without_wildcards_are_accepted() {
        for subject in ["a", "shop.order.v1", "größe.x-y_z"] {
            assert_eq!(check(subject), Ok(()), "{subject:?}");
        }
        for subject in [
            "", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "a\r\nb", "$SYS.x", "a.\u{7f}",
        ] {
            assert_eq!(check(subject), Err(LinkError::Subject), "{subject:?}");
        }
    }
}
