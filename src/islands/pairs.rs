//! Which of a page's old parts are which of its new ones: the longest run of likes that both have in the same order.
//!
//! Parts that are paired are never moved, so that the focus, what is open and what is typed stay where they are.

/// Lists whose lengths multiply to more than this are not compared: everything is new then.
const COMPARISONS: usize = 250_000;

/// For each of `new`, which of `old` it is; rising, and none twice.
#[must_use]
pub fn pairs<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Option<usize>> {
    let mut paired = vec![None; new.len()];
    if old.len().saturating_mul(new.len()) > COMPARISONS {
        return paired;
    }
    let longest = longest(old, new);
    let (mut at, mut place) = (0, 0);
    while let (Some(was), Some(is)) = (old.get(at), new.get(place)) {
        if was == is {
            paired[place] = Some(at);
            (at, place) = (at + 1, place + 1);
        } else if longest[at + 1][place] >= longest[at][place + 1] {
            at += 1;
        } else {
            place += 1;
        }
    }
    paired
}

/// For each pair of places, how many likes follow at most.
fn longest<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Vec<usize>> {
    let mut longest = vec![vec![0; new.len() + 1]; old.len() + 1];
    for at in (0..old.len()).rev() {
        for place in (0..new.len()).rev() {
            longest[at][place] = if old[at] == new[place] {
                longest[at + 1][place + 1] + 1
            } else {
                longest[at + 1][place].max(longest[at][place + 1])
            };
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stays_is_found_around_what_comes_and_goes() {
        let of = |old: &str, new: &str| pairs(old.as_bytes(), new.as_bytes());
        assert_eq!(of("abc", "abc"), [Some(0), Some(1), Some(2)]);
        assert_eq!(of("abc", "xabc"), [None, Some(0), Some(1), Some(2)]);
        assert_eq!(of("abc", "ac"), [Some(0), Some(2)]);
        assert_eq!(of("dp", "pdp"), [None, Some(0), Some(1)]);
        assert_eq!(of("", "ab"), [None, None]);
        assert_eq!(pairs(&[0; 600], &[0; 600]), [None; 600]);
    }

    proptest! {
        #[test]
        fn pairs_are_likes_and_rise(old in "[ab]{0,8}", new in "[ab]{0,8}") {
            let paired = pairs(old.as_bytes(), new.as_bytes());
            let places: Vec<usize> = paired.iter().flatten().copied().collect();
            prop_assert!(places.is_sorted_by(|a, b| a < b));
            for (place, at) in paired.iter().enumerate().filter_map(|(place, at)| Some((place, (*at)?))) {
                prop_assert_eq!(old.as_bytes()[at], new.as_bytes()[place]);
            }
            if old == new {
                prop_assert_eq!(places.len(), old.len());
            }
        }
    }
}
