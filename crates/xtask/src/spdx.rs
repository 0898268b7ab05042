//! Licence expressions as packages write them: `A OR (B AND C WITH D)`, and the old `A/B`.

/// Whether the expression leaves a choice of licences that are all allowed. `is_allowed` is asked
/// for single terms, `ID` or `ID WITH EXCEPTION`. `None` when it is no expression.
pub(crate) fn permits(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut parser = Parser {
        words: spaced.split_whitespace().peekable(),
        is_allowed,
    };
    let permitted = parser.alternatives()?;
    parser.words.next().is_none().then_some(permitted)
}

/// `AND` binds tighter than `OR`, `WITH` tighter than both.
struct Parser<'a, I: Iterator<Item = &'a str>> {
    words: std::iter::Peekable<I>,
    is_allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a, I: Iterator<Item = &'a str>> Parser<'a, I> {
    fn alternatives(&mut self) -> Option<bool> {
        let mut permitted = self.conjunction()?;
        while self.words.next_if_eq(&"OR").is_some() {
            permitted |= self.conjunction()?;
        }
        Some(permitted)
    }

    fn conjunction(&mut self) -> Option<bool> {
        let mut permitted = self.term()?;
        while self.words.next_if_eq(&"AND").is_some() {
            permitted &= self.term()?;
        }
        Some(permitted)
    }

    fn term(&mut self) -> Option<bool> {
        match self.words.next()? {
            "(" => {
                let permitted = self.alternatives()?;
                self.words.next_if_eq(&")").map(|_| permitted)
            }
            ")" | "AND" | "OR" | "WITH" => None,
            licence => match self.words.next_if_eq(&"WITH") {
                None => Some((self.is_allowed)(licence)),
                Some(_) => {
                    let exception = self.words.next()?;
                    Some((self.is_allowed)(&format!("{licence} WITH {exception}")))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::permits;

    fn judge(expression: &str) -> Option<bool> {
        let allowed = ["MIT", "ISC", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
        permits(expression, &|term| allowed.contains(&term))
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        assert_eq!(judge("MIT"), Some(true));
        assert_eq!(judge("GPL-3.0 OR MIT"), Some(true));
        assert_eq!(judge("GPL-3.0/MIT"), Some(true));
        assert_eq!(judge("GPL-3.0 / LGPL-3.0"), Some(false));
    }

    #[test]
    fn all_of_a_conjunction_have_to_be_allowed() {
        assert_eq!(judge("MIT AND ISC"), Some(true));
        assert_eq!(judge("MIT AND GPL-3.0"), Some(false));
        assert_eq!(judge("GPL-3.0 AND MIT OR ISC"), Some(true));
        assert_eq!(judge("GPL-3.0 AND (MIT OR ISC)"), Some(false));
        assert_eq!(judge("(GPL-3.0 OR MIT) AND (ISC)"), Some(true));
    }

    #[test]
    fn an_exception_makes_another_licence() {
        assert_eq!(judge("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(judge("MIT WITH LLVM-exception"), Some(false));
    }

    #[test]
    fn what_is_no_expression_is_not_judged() {
        for broken in [
            "", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH", "()",
        ] {
            assert_eq!(judge(broken), None, "{broken}");
        }
    }
}
