//! The person that `send --to` means: exactly one, since what is for one is not for others.

use hullo::Person;
use hullo::protocol::RoomName;

use crate::failure::Failure;

/// Finds the person by id, or by a name that only one has. The numbers with which the screen tells
/// people of the same name apart are its own: here they mean nothing.
pub(super) fn recipient<'a>(
    others: &[&'a Person],
    id_or_name: &str,
    room: &RoomName,
) -> Result<&'a Person, Failure> {
    // First by id, which nobody else can take, as anybody can take any name.
    if let Some(person) = others.iter().find(|person| person.id.to_string() == id_or_name) {
        return Ok(person);
    }
    let namesakes: Vec<&Person> =
        others.iter().filter(|person| person.name == id_or_name).copied().collect();
    match &*namesakes {
        [person] => Ok(person),
        [] => {
            let mut names: Vec<&str> = others.iter().map(|person| &*person.name).collect();
            names.sort_unstable();
            let here = if names.is_empty() { "nobody else".to_owned() } else { names.join(", ") };
            Err(Failure::failed(format!(
                "nobody called {id_or_name:?} is in #{room}; here: {here}"
            )))
        }
        [..] => {
            let ids: Vec<String> = namesakes.iter().map(|person| person.id.to_string()).collect();
            Err(Failure::refused(format!(
                "{} people in #{room} are called {id_or_name:?}; use an id from `who --json`: {}",
                ids.len(),
                ids.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{id, named};

    fn people(names: &[(u128, &str)]) -> Vec<Person> {
        names.iter().map(|(n, name)| named(*n, name)).collect()
    }

    #[track_caller]
    fn check(people: &[Person], wanted: &str, expected: Result<u128, &str>) {
        let others: Vec<&Person> = people.iter().collect();
        let room = RoomName::try_from("ops").unwrap();
        match (recipient(&others, wanted, &room), expected) {
            (Ok(who), Ok(n)) => assert_eq!(who.id, id(n), "{wanted}"),
            (Err(why), Err(expected)) => assert_eq!(why.to_string(), expected, "{wanted}"),
            (found, expected) => panic!("{wanted}: {found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn exactly_one_person_is_found() {
        let here = people(&[(1, "ada"), (2, "mira"), (3, "ada")]);
        check(&here, "mira", Ok(2));
        check(&here, &id(1).to_string(), Ok(1));
        check(&here, "ada~2", Err("nobody called \"ada~2\" is in #ops; here: ada, ada, mira"));
        check(
            &here,
            "ada",
            Err("2 people in #ops are called \"ada\"; use an id from `who --json`: \
                 00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000003"),
        );
        check(&[], "mira", Err("nobody called \"mira\" is in #ops; here: nobody else"));
    }

    #[test]
    fn an_id_as_a_name_does_not_redirect_messages() {
        let theirs = id(1).to_string();
        check(&people(&[(1, "ada"), (4, &theirs)]), &theirs, Ok(1));
    }
}
