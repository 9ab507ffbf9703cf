//! A client of the API of workspace `main`, as an integrator would write it.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::answer::Answer;

/// Speaks for one token, or for nobody.
#[derive(Debug, Clone)]
pub struct Api {
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    token: Option<String>,
    client: reqwest::Client,
}

impl Api {
    /// A client; without a token every call is anonymous.
    pub fn new(address: &str, token: Option<&str>) -> Self {
        Self {
            address: address.to_owned(),
            token: token.map(str::to_owned),
            client: crate::client().no_proxy().build().expect("a client"),
        }
    }

    /// A request to a path below `/w/main/api/v1/`, to be completed and sent with [`Api::send`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/w/main/api/v1/{path}", self.address);
        let request = self.client.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().expect("a request");
        let words = format!("{} {}", request.method(), request.url());
        let response =
            self.client.execute(request).await.unwrap_or_else(|error| panic!("{words}: {error:?}"));
        Answer::read(words, response).await
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// `GET path?name=value…`, the values encoded.
    pub async fn get_with(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::GET, path).query(query)).await
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// `PUT path` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// `PATCH path` when the record still has this version.
    pub async fn patch_if(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).header("if-match", etag).json(body)).await
    }

    /// `DELETE path`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `POST path` with any body.
    pub async fn post_raw(&self, path: &str, media: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(Method::POST, path).header("content-type", media).body(body)).await
    }

    /// Sends a file to `path`, as a form with one part.
    pub async fn send_file(&self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// Creates a record and gives the answer.
    pub async fn create(&self, entity: &str, values: &Value) -> Answer {
        self.post(&format!("records/{entity}"), values).await.is(201)
    }

    /// The record as it is now.
    pub async fn record(&self, entity: &str, id: &str) -> Answer {
        self.get(&format!("records/{entity}/{id}")).await.is(200)
    }

    /// How many records of an entity the caller can see.
    pub async fn count(&self, entity: &str, query: &[(&str, &str)]) -> u64 {
        let mut all = vec![("count", "exact"), ("limit", "1")];
        all.extend_from_slice(query);
        let answer = self.get_with(&format!("records/{entity}"), &all).await.is(200);
        answer.at("/page/count").as_u64().unwrap_or_else(|| panic!("no count\n{answer}"))
    }

    /// Opens a change set, puts definitions into it, and gives its id: not yet published.
    pub async fn change_set(&self, title: &str, definitions: &[(&str, &str, Value)]) -> String {
        let id = self.post("changes", &json!({ "title": title })).await.is(201).id();
        for (kind, name, body) in definitions {
            let answer = self.put(&format!("changes/{id}/{kind}/{name}"), body).await;
            assert!(answer.status == 200 || answer.status == 201 || answer.status == 204, "{answer}");
        }
        id
    }

    /// Changes definitions in one published step.
    pub async fn publish(&self, title: &str, definitions: &[(&str, &str, Value)]) -> Answer {
        let id = self.change_set(title, definitions).await;
        self.post(&format!("changes/{id}/publish"), &json!({})).await.is(200)
    }
}
