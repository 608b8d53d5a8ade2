//! Whom `send --to` means: one person and no other, since what is said to one is not for all.

use hullo::Person;
use hullo::protocol::RoomName;

use crate::failure::Failure;

/// The one of these who is meant: by id, or by a name that nobody else bears. The numbers that a
/// screen gives to those of one name are its own, and another client cannot know them.
pub(super) fn recipient<'a>(
    others: &[&'a Person],
    meant: &str,
    room: &RoomName,
) -> Result<&'a Person, Failure> {
    // Nobody can take the id of somebody else, but any name.
    if let Some(who) = others.iter().find(|who| who.id.to_string() == meant) {
        return Ok(who);
    }
    let found: Vec<&Person> = others.iter().filter(|who| who.name == meant).copied().collect();
    match &*found {
        [] => Err(nobody(others, meant, room)),
        [who] => Ok(who),
        [..] => {
            let ids = found.iter().map(|who| who.id.to_string()).collect::<Vec<_>>().join(", ");
            Err(Failure::refused(format!(
                "{} people in #{room} go by {meant:?}; say which by the id, as `who --json` tells \
                 it: {ids}",
                found.len()
            )))
        }
    }
}

fn nobody(others: &[&Person], meant: &str, room: &RoomName) -> Failure {
    let mut here: Vec<String> = others.iter().map(|who| who.name.clone()).collect();
    here.sort_unstable();
    let here = if here.is_empty() { "nobody else".to_owned() } else { here.join(", ") };
    Failure::failed(format!("nobody called {meant:?} is in #{room}; here: {here}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{id, named};

    fn people(names: &[(u128, &str)]) -> Vec<Person> {
        names.iter().map(|(n, name)| named(*n, name)).collect()
    }

    #[track_caller]
    fn check(people: &[Person], meant: &str, expected: Result<u128, &str>) {
        let others: Vec<&Person> = people.iter().collect();
        let room = RoomName::try_from("ops").unwrap();
        match (recipient(&others, meant, &room), expected) {
            (Ok(who), Ok(n)) => assert_eq!(who.id, id(n), "{meant}"),
            (Err(why), Err(expected)) => assert_eq!(why.to_string(), expected, "{meant}"),
            (found, expected) => panic!("{meant}: {found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn one_person_is_meant_or_nobody() {
        let here = people(&[(1, "ada"), (2, "mira"), (3, "ada")]);
        check(&here, "mira", Ok(2));
        check(&here, &id(1).to_string(), Ok(1));
        check(&here, "ada~2", Err("nobody called \"ada~2\" is in #ops; here: ada, ada, mira"));
        check(
            &here,
            "ada",
            Err("2 people in #ops go by \"ada\"; say which by the id, as `who --json` tells it: \
                 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000003"),
        );
        check(&[], "mira", Err("nobody called \"mira\" is in #ops; here: nobody else"));
    }

    #[test]
    fn nobody_takes_the_place_of_another_by_a_name() {
        let theirs = id(1).to_string();
        check(&people(&[(1, "ada"), (4, &theirs)]), &theirs, Ok(1));
    }
}
