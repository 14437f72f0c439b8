//! GitHub's REST API, as far as the scripts use it: issues, their comments (of pull requests too), labels.
//!
//! Shapes and status codes follow <https://docs.github.com/en/rest/issues>: a list of issues holds the
//! pull requests too, a page holds 30 entries and at most 100, a body at most 65,536 characters.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Api, Reply, Request};

/// The longest body of an issue or comment, in characters.
pub const LONGEST_BODY: usize = 65_536;

/// One repository, and who may do what with it.
#[derive(Debug, Clone)]
pub struct GitHub {
    /// `owner/name`.
    pub repository: String,
    /// The token that is accepted.
    pub token: String,
    /// Whose token it is.
    pub identity: Account,
    /// What the token may do.
    pub access: Access,
    /// Issues and pull requests, oldest first.
    pub issues: Vec<Issue>,
    /// The labels of the repository.
    pub labels: BTreeSet<String>,
    next: u64,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// All that the scripts ask for.
    Write,
    /// Nothing may be changed: the token of a pull request from a fork.
    Read,
}

/// Who wrote something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// A person, or a machine user with a personal token.
    User(String),
    /// An app: `github-actions` is the one behind a workflow's own token.
    App(String),
}

impl Account {
    /// The name it goes by: that of an app ends in `[bot]`.
    pub fn login(&self) -> String {
        match self {
            Self::User(name) => name.clone(),
            Self::App(name) => format!("{name}[bot]"),
        }
    }

    fn json(&self) -> Value {
        let kind = if matches!(self, Self::User(_)) { "User" } else { "Bot" };
        json!({ "login": self.login(), "type": kind })
    }
}

/// What an entry of the list of issues is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An issue.
    Issue,
    /// A pull request: an issue too, as far as comments and labels go.
    PullRequest,
}

/// An issue or a pull request.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The number people see.
    pub number: u64,
    /// Which of the two.
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// The description.
    pub body: String,
    /// Whether it is open.
    pub open: bool,
    /// The names of its labels.
    pub labels: BTreeSet<String>,
    /// Who opened it.
    pub author: Account,
    /// The comments, oldest first.
    pub comments: Vec<Comment>,
}

/// A comment on an issue or a pull request.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its id, unique in the repository.
    pub id: u64,
    /// The text.
    pub body: String,
    /// Who wrote it.
    pub author: Account,
}

impl GitHub {
    /// A repository without issues, and a workflow's own token that may write.
    pub fn new(repository: &str, token: &str) -> Self {
        Self {
            repository: repository.into(),
            token: token.into(),
            identity: Account::App("github-actions".into()),
            access: Access::Write,
            issues: Vec::new(),
            labels: BTreeSet::new(),
            next: 1,
        }
    }

    /// Adds an issue or a pull request that somebody opened; returns its number.
    pub fn open(&mut self, kind: Kind, author: Account, title: &str, body: &str) -> u64 {
        let number = self.id();
        let (title, body) = (title.into(), body.into());
        let (labels, comments) = (BTreeSet::new(), Vec::new());
        self.issues.push(Issue { number, kind, title, body, open: true, labels, author, comments });
        number
    }

    /// Adds a comment that somebody wrote; returns its id, or nothing if there is no such issue.
    pub fn comment(&mut self, number: u64, author: Account, body: &str) -> Option<u64> {
        let id = self.id();
        let issue = self.issue(number)?;
        issue.comments.push(Comment { id, body: body.into(), author });
        Some(id)
    }

    /// The issue or pull request of this number.
    pub fn issue(&mut self, number: u64) -> Option<&mut Issue> {
        self.issues.iter_mut().find(|issue| issue.number == number)
    }

    /// Numbers and ids come from one counter: what is unique in all is unique in each.
    fn id(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        id
    }

    fn routed(&mut self, request: &Request, rest: &[&str]) -> Reply {
        let list = |items| Reply::page(request, items, 30);
        match (request.method.as_str(), rest) {
            ("GET", ["issues"]) => list(self.matching(request)),
            ("POST", ["issues"]) => self.create(request),
            ("GET", ["issues", number, "comments"]) => match self.numbered(number) {
                Some(issue) => list(issue.comments.iter().map(|one| comment_json(request, one)).collect()),
                None => not_found(),
            },
            ("POST", ["issues", number, "comments"]) => self.answer_comment(request, number),
            (method, ["issues", "comments", id]) => self.change_comment(request, method, id),
            ("GET", ["issues", number]) => match self.numbered(number) {
                Some(issue) => Reply::new(200, issue_json(request, issue)),
                None => not_found(),
            },
            ("PATCH", ["issues", number]) => self.change(request, number),
            ("GET", ["labels"]) => list(self.labels.iter().map(|name| json!({ "name": name })).collect()),
            ("POST", ["labels"]) => self.label(request),
            _ => not_found(),
        }
    }

    fn numbered(&mut self, number: &str) -> Option<&mut Issue> {
        number.parse().ok().and_then(|number| self.issue(number))
    }

    /// The list of issues, newest first, pull requests among them.
    fn matching(&self, request: &Request) -> Vec<Value> {
        let wanted = |key: &str| request.query.get(key).map_or("", String::as_str);
        let labels: Vec<_> = wanted("labels").split(',').filter(|name| !name.is_empty()).collect();
        let in_state = |issue: &Issue| match wanted("state") {
            "all" => true,
            "closed" => !issue.open,
            _ => issue.open,
        };
        let labelled = |issue: &Issue| labels.iter().all(|name| issue.labels.contains(*name));
        let found = self.issues.iter().rev().filter(|issue| in_state(issue) && labelled(issue));
        found.map(|issue| issue_json(request, issue)).collect()
    }

    fn create(&mut self, request: &Request) -> Reply {
        let fields = request.json();
        let Some(title) = fields["title"].as_str().filter(|title| !title.is_empty()) else {
            return invalid("Issue", "title", "missing_field");
        };
        let body = fields["body"].as_str().unwrap_or_default();
        if too_long(body) {
            return invalid("Issue", "body", "invalid");
        }
        let number = self.open(Kind::Issue, self.identity.clone(), title, body);
        self.set_labels(number, &fields["labels"]);
        match self.issue(number) {
            Some(issue) => Reply::new(201, issue_json(request, issue)),
            None => not_found(),
        }
    }

    /// A label that the repository does not have is made, as it is for whoever may push.
    fn set_labels(&mut self, number: u64, names: &Value) {
        let Some(names) = names.as_array() else { return };
        let names: BTreeSet<_> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        self.labels.extend(names.iter().cloned());
        if let Some(issue) = self.issue(number) {
            issue.labels = names;
        }
    }

    fn change(&mut self, request: &Request, number: &str) -> Reply {
        let fields = request.json();
        if fields["body"].as_str().is_some_and(too_long) {
            return invalid("Issue", "body", "invalid");
        }
        let Some(issue) = self.numbered(number) else { return not_found() };
        if let Some(title) = fields["title"].as_str() {
            issue.title = title.into();
        }
        if let Some(body) = fields["body"].as_str() {
            issue.body = body.into();
        }
        match fields["state"].as_str() {
            Some("open") => issue.open = true,
            Some("closed") => issue.open = false,
            Some(_) => return invalid("Issue", "state", "invalid"),
            None => {}
        }
        let number = issue.number;
        self.set_labels(number, &fields["labels"]);
        match self.issue(number) {
            Some(issue) => Reply::new(200, issue_json(request, issue)),
            None => not_found(),
        }
    }

    fn answer_comment(&mut self, request: &Request, number: &str) -> Reply {
        let fields = request.json();
        let body = match fields["body"].as_str() {
            None | Some("") => return invalid("IssueComment", "body", "missing_field"),
            Some(body) if too_long(body) => return invalid("IssueComment", "body", "unprocessable"),
            Some(body) => body,
        };
        let Some(number) = self.numbered(number).map(|issue| issue.number) else { return not_found() };
        self.comment(number, self.identity.clone(), body);
        match self.issue(number).and_then(|issue| issue.comments.last()) {
            Some(comment) => Reply::new(201, comment_json(request, comment)),
            None => not_found(),
        }
    }

    fn change_comment(&mut self, request: &Request, method: &str, id: &str) -> Reply {
        let Ok(id) = id.parse::<u64>() else { return not_found() };
        let holds = |issue: &&mut Issue| issue.comments.iter().any(|comment| comment.id == id);
        let Some(issue) = self.issues.iter_mut().find(holds) else { return not_found() };
        if method == "DELETE" {
            issue.comments.retain(|comment| comment.id != id);
            return Reply::new(204, Value::Null);
        }
        let Some(comment) = issue.comments.iter_mut().find(|comment| comment.id == id) else {
            return not_found();
        };
        if method == "PATCH" {
            match request.json()["body"].as_str() {
                None | Some("") => return invalid("IssueComment", "body", "missing_field"),
                Some(body) if too_long(body) => return invalid("IssueComment", "body", "unprocessable"),
                Some(body) => comment.body = body.into(),
            }
        }
        Reply::new(200, comment_json(request, comment))
    }

    fn label(&mut self, request: &Request) -> Reply {
        let fields = request.json();
        match fields["name"].as_str() {
            None | Some("") => invalid("Label", "name", "missing_field"),
            Some(name) if !self.labels.insert(name.into()) => invalid("Label", "name", "already_exists"),
            Some(name) => Reply::new(201, json!({ "name": name })),
        }
    }
}

impl Api for GitHub {
    fn answer(&mut self, request: &Request) -> Reply {
        if request.header("user-agent").is_none_or(str::is_empty) {
            return Reply::error(403, "Request forbidden by administrative rules.");
        }
        match request.header("authorization").map(|header| header.split_once(' ')) {
            None => return Reply::error(401, "Requires authentication"),
            Some(Some(("Bearer" | "token", token))) if token == self.token => {}
            Some(_) => return Reply::error(401, "Bad credentials"),
        }
        let path = request.segments();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["user"] => match &self.identity {
                Account::User(_) => Reply::new(200, self.identity.json()),
                Account::App(_) => refused(),
            },
            ["repos", owner, name, rest @ ..] if self.repository == format!("{owner}/{name}") => {
                if request.method != "GET" && self.access == Access::Read {
                    return refused();
                }
                self.routed(request, rest)
            }
            _ => not_found(),
        }
    }
}

fn too_long(body: &str) -> bool {
    body.chars().count() > LONGEST_BODY
}

fn not_found() -> Reply {
    Reply::error(404, "Not Found")
}

fn refused() -> Reply {
    Reply::error(403, "Resource not accessible by integration")
}

fn invalid(resource: &str, field: &str, code: &str) -> Reply {
    let errors = json!([{ "resource": resource, "field": field, "code": code }]);
    Reply::new(422, json!({ "message": "Validation Failed", "errors": errors }))
}

fn issue_json(request: &Request, issue: &Issue) -> Value {
    let labels: Vec<_> = issue.labels.iter().map(|name| json!({ "name": name })).collect();
    let mut value = json!({
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": if issue.open { "open" } else { "closed" },
        "labels": labels,
        "user": issue.author.json(),
        "comments": issue.comments.len(),
        "html_url": format!("{}/issues/{}", request.origin(), issue.number),
    });
    if issue.kind == Kind::PullRequest {
        value["pull_request"] = json!({ "html_url": format!("{}/pull/{}", request.origin(), issue.number) });
    }
    value
}

fn comment_json(request: &Request, comment: &Comment) -> Value {
    json!({
        "id": comment.id,
        "body": comment.body,
        "user": comment.author.json(),
        "html_url": format!("{}/comments/{}", request.origin(), comment.id),
    })
}
