//! GitLab's REST API, as far as the scripts use it: notes of merge requests, issues and their notes.
//!
//! Shapes and status codes follow <https://docs.gitlab.com/api/notes/> and <https://docs.gitlab.com/api/issues/>: a
//! page holds 20 entries and at most 100, a text at most a million characters, and a line that starts with
//! `/close` or the like is a command, not text.

use serde_json::{Value, json};

use super::{Api, Reply, Request};

/// The longest note or description, in characters.
pub const LONGEST_TEXT: usize = 1_000_000;

/// The longest title, in characters.
pub const LONGEST_TITLE: usize = 255;

/// Whose token a request came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The bot user behind a project access token: the one that the scripts are.
    Bot,
    /// A person.
    Person,
}

impl Author {
    /// The user's id.
    pub fn id(self) -> u64 {
        match self {
            Self::Bot => 42,
            Self::Person => 7,
        }
    }
}

/// A note on a merge request or an issue.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id.
    pub id: u64,
    /// The text.
    pub body: String,
    /// Who wrote it.
    pub author: Author,
}

/// An issue or a merge request.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its number in the project.
    pub iid: u64,
    /// The title.
    pub title: String,
    /// The text.
    pub description: String,
    /// The labels.
    pub labels: Vec<String>,
    /// Whether it is open.
    pub open: bool,
    /// Who opened it.
    pub author: Author,
    /// The notes, oldest first.
    pub notes: Vec<Note>,
}

/// One project, and a token that may write.
#[derive(Debug, Clone)]
pub struct GitLab {
    /// The id of the project: what `CI_PROJECT_ID` is.
    pub project: u64,
    /// The token that is accepted as `PRIVATE-TOKEN`.
    pub token: String,
    /// Issues, oldest first.
    pub issues: Vec<Item>,
    /// Merge requests, oldest first.
    pub merge_requests: Vec<Item>,
    /// Commands that GitLab would have obeyed; a report must never make one.
    pub obeyed: Vec<String>,
    next: u64,
}

impl GitLab {
    /// A project without issues, with one merge request of a person, number 1.
    pub fn new(project: u64, token: &str) -> Self {
        let merge_request = item(1, Author::Person);
        let (issues, obeyed) = (Vec::new(), Vec::new());
        Self { project, token: token.into(), issues, merge_requests: vec![merge_request], obeyed, next: 100 }
    }

    /// Adds a note that somebody wrote on the merge request.
    pub fn write(&mut self, author: Author, body: &str) {
        let id = self.id();
        if let Some(item) = self.merge_requests.first_mut() {
            item.notes.push(Note { id, body: body.into(), author });
        }
    }

    /// Adds an issue that somebody opened.
    pub fn open(&mut self, author: Author, description: &str) {
        let iid = self.issues.len() as u64 + 1;
        let labels = vec!["tidelock".into()];
        self.issues.push(Item { description: description.into(), labels, ..item(iid, author) });
    }

    /// The notes on the merge request.
    pub fn notes(&self) -> &[Note] {
        self.merge_requests.first().map_or(&[], |item| &item.notes)
    }

    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn routed(&mut self, request: &Request, rest: &[&str]) -> Reply {
        match (request.method.as_str(), rest) {
            ("GET", ["issues"]) => self.list(request),
            ("POST", ["issues"]) => self.create(&request.json()),
            ("PUT", ["issues", iid]) => self.change(iid, &request.json()),
            (_, [kind @ ("issues" | "merge_requests"), iid, "notes", note @ ..]) => {
                self.on_notes(request, kind, iid, note)
            }
            _ => not_found(),
        }
    }

    fn list(&self, request: &Request) -> Reply {
        let wanted = |key: &str| request.query.get(key).map_or("", String::as_str);
        let labels: Vec<_> = wanted("labels").split(',').filter(|name| !name.is_empty()).collect();
        let in_state = |item: &Item| match wanted("state") {
            "opened" => item.open,
            "closed" => !item.open,
            _ => true,
        };
        let labelled = |item: &Item| labels.iter().all(|name| item.labels.iter().any(|label| label == name));
        let found = self.issues.iter().filter(|item| in_state(item) && labelled(item));
        Reply::page(request, found.map(item_json).collect(), 20)
    }

    fn create(&mut self, fields: &Value) -> Reply {
        let iid = self.issues.len() as u64 + 1;
        self.issues.push(item(iid, Author::Bot));
        let reply = self.change(&iid.to_string(), fields);
        if reply.status == 200 {
            return Reply { status: 201, ..reply };
        }
        self.issues.pop();
        reply
    }

    fn change(&mut self, iid: &str, fields: &Value) -> Reply {
        self.obey(&fields["description"]);
        let Some(item) = numbered(&mut self.issues, iid) else { return not_found() };
        if let Some(title) = fields["title"].as_str() {
            item.title = title.into();
        }
        if item.title.is_empty() || item.title.chars().count() > LONGEST_TITLE {
            return Reply::error(400, "title is invalid");
        }
        if let Some(text) = fields["description"].as_str() {
            if text.chars().count() > LONGEST_TEXT {
                return Reply::error(400, "description is too long");
            }
            item.description = text.into();
        }
        if let Some(labels) = fields["labels"].as_str() {
            item.labels = labels.split(',').map(str::to_owned).collect();
        }
        match fields["state_event"].as_str() {
            Some("close") => item.open = false,
            Some("reopen") => item.open = true,
            Some(_) => return Reply::error(400, "state_event does not have a valid value"),
            None => {}
        }
        Reply::new(200, item_json(item))
    }

    fn on_notes(&mut self, request: &Request, kind: &str, iid: &str, rest: &[&str]) -> Reply {
        let text = request.json()["body"].as_str().unwrap_or_default().to_owned();
        let id = self.id();
        if request.method != "GET" {
            if text.is_empty() || text.chars().count() > LONGEST_TEXT {
                return Reply::error(400, "body is missing or too long");
            }
            self.obey(&Value::String(text.clone()));
        }
        let items = if kind == "issues" { &mut self.issues } else { &mut self.merge_requests };
        let Some(item) = numbered(items, iid) else { return not_found() };
        match (request.method.as_str(), rest) {
            ("GET", []) => Reply::page(request, item.notes.iter().map(note_json).collect(), 20),
            ("POST", []) => {
                let note = Note { id, body: text, author: Author::Bot };
                let reply = Reply::new(201, note_json(&note));
                item.notes.push(note);
                reply
            }
            ("PUT", [id]) => match item.notes.iter_mut().find(|note| note.id.to_string() == *id) {
                None => not_found(),
                Some(note) if note.author != Author::Bot => Reply::error(403, "403 Forbidden"),
                Some(note) => {
                    note.body = text;
                    Reply::new(200, note_json(note))
                }
            },
            _ => not_found(),
        }
    }

    /// Notes the commands in a text, as GitLab would carry them out.
    fn obey(&mut self, text: &Value) {
        let lines = text.as_str().unwrap_or_default().lines().map(str::trim_start);
        let commands = lines.filter(|line| line.starts_with('/')).map(str::to_owned);
        self.obeyed.extend(commands);
    }
}

impl Api for GitLab {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.header("job-token").is_some() || request.header("private-token") != Some(&self.token) {
            return Reply::error(401, "401 Unauthorized");
        }
        let path = request.segments();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["api", "v4", "user"] => Reply::new(200, user_json(Author::Bot)),
            ["api", "v4", "projects", project, rest @ ..] if *project == self.project.to_string() => {
                self.routed(request, rest)
            }
            _ => not_found(),
        }
    }
}

fn item(iid: u64, author: Author) -> Item {
    let (title, description, labels) = (String::new(), String::new(), Vec::new());
    Item { iid, title, description, labels, open: true, author, notes: Vec::new() }
}

fn numbered<'i>(items: &'i mut [Item], iid: &str) -> Option<&'i mut Item> {
    items.iter_mut().find(|item| item.iid.to_string() == iid)
}

fn user_json(author: Author) -> Value {
    json!({ "id": author.id(), "username": format!("user{}", author.id()) })
}

fn note_json(note: &Note) -> Value {
    json!({ "id": note.id, "body": note.body, "author": user_json(note.author), "system": false })
}

fn item_json(item: &Item) -> Value {
    json!({
        "id": 1000 + item.iid,
        "iid": item.iid,
        "title": item.title,
        // An empty description comes as null.
        "description": (!item.description.is_empty()).then_some(&item.description),
        "labels": item.labels,
        "state": if item.open { "opened" } else { "closed" },
        "author": user_json(item.author),
    })
}

fn not_found() -> Reply {
    Reply::error(404, "404 Not found")
}
