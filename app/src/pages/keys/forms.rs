//! The dialogs in which keys are made, shown once, changed and deleted.

use api::KeyRow;
use leptos::prelude::*;

use super::{CreateKey, DeleteKey, SetKeyDisabled, SetKeyLimit};
use crate::AppError;
use crate::parts::{Button, ButtonKind, CloseLink, Copy, Field, FormAlert, LinkButton, Notice, Tone, UrlDialog};

const KEYS: &str = "/keys";
const LIMIT_HELP: &str = "US dollars in all, such as 20. Empty: bounded by your credits only.";

/// The form, and after it the secret, in the same dialog.
#[component]
pub fn CreateDialog(action: ServerAction<CreateKey>) -> impl IntoView {
    // A key made on an earlier visit to the form is not this one's.
    on_cleanup(move || action.clear());
    let made = Memo::new(move |_| action.value().get().and_then(Result::ok).map(|new| new.secret));
    view! {
        <UrlDialog heading_id="key-heading" close_href=KEYS>
            {move || match made.get() {
                Some(secret) => view! { <NewKey secret/> }.into_any(),
                None => view! { <CreateForm action/> }.into_any(),
            }}
        </UrlDialog>
    }
}

#[component]
fn CreateForm(action: ServerAction<CreateKey>) -> impl IntoView {
    let fault = field_fault(action.value().into(), |result: Result<_, AppError>| result.err());
    view! {
        <div>
            <header>
                <div>
                    <h2 id="key-heading">"Create a key"</h2>
                    <p>"A hard limit is the best protection if a key leaks."</p>
                </div>
                <CloseLink href=KEYS/>
            </header>
            <ActionForm action attr:class="form">
                <FormAlert message=fault.form(&["name", "limit_usd"])/>
                <Field
                    label="Name"
                    name="name"
                    required=true
                    max_length=100
                    autocomplete="off"
                    placeholder="Laptop"
                    autofocus=true
                    help="What uses it: you will see it in the activity log."
                    error=fault.field("name")
                />
                <Field label="Limit" name="limit_usd" input_mode="decimal" autocomplete="off" help=LIMIT_HELP error=fault.field("limit_usd")/>
                <footer>
                    <LinkButton href=KEYS>"Cancel"</LinkButton>
                    <Button kind=ButtonKind::Primary submit=true busy=action.pending()>"Create key"</Button>
                </footer>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// For a key made without script: the page comes back with its secret.
#[component]
pub fn NewKeyDialog(secret: String) -> impl IntoView {
    view! {
        <UrlDialog heading_id="key-heading" close_href=KEYS>
            <NewKey secret/>
        </UrlDialog>
    }
}

#[component]
fn NewKey(secret: String) -> impl IntoView {
    view! {
        <div>
            <header>
                <div>
                    <h2 id="key-heading">"Copy your key now"</h2>
                    <p>"It is shown once. Only a fingerprint is kept here."</p>
                </div>
            </header>
            <div class="secret">
                <code data-part="secret">{secret.clone()}</code>
                <Copy text=secret shown="Copy"/>
            </div>
            <Notice tone=Tone::Warn>
                <p>"Keep it out of code and chat. If it leaks, disable it here: it stops at once."</p>
            </Notice>
            <footer>
                // A whole new page: nothing of the secret stays in this one's memory.
                <a class="button" data-kind="primary" href=KEYS rel="external">"I have saved it"</a>
            </footer>
        </div>
    }
}

#[component]
pub fn ManageDialog(
    row: KeyRow,
    set_disabled: ServerAction<SetKeyDisabled>,
    set_limit: ServerAction<SetKeyLimit>,
    delete: ServerAction<DeleteKey>,
) -> impl IntoView {
    let id = StoredValue::new(row.id.to_string());
    let limit = row.limit.map(|limit| limit.to_json_number()).unwrap_or_default();
    let limit_fault = field_fault(set_limit.value().into(), Result::err);
    let switch_fault = field_fault(set_disabled.value().into(), Result::err);
    let delete_fault = field_fault(delete.value().into(), Result::err);
    let (switch_label, switch_help) = if row.disabled {
        ("Enable", "It is disabled: requests with it answer 401.")
    } else {
        ("Disable", "Requests with it will answer 401 at once. You can enable it again.")
    };
    view! {
        <UrlDialog heading_id="key-heading" close_href=KEYS>
            <div>
                <header>
                    <div>
                        <h2 id="key-heading">{row.name.clone()}</h2>
                        <p><code>{row.label.clone()}</code></p>
                    </div>
                    <CloseLink href=KEYS/>
                </header>
                <ActionForm action=set_limit attr:class="form">
                    <FormAlert message=limit_fault.form(&["limit_usd"])/>
                    <input type="hidden" name="id" value=id.get_value()/>
                    <Field
                        label="Limit"
                        name="limit_usd"
                        value=limit
                        input_mode="decimal"
                        autocomplete="off"
                        help=LIMIT_HELP
                        error=limit_fault.field("limit_usd")
                    />
                    <footer>
                        <p>{format!("Spent so far: {}", row.spent)}</p>
                        <Button kind=ButtonKind::Primary submit=true busy=set_limit.pending()>"Save limit"</Button>
                    </footer>
                </ActionForm>
                <hr/>
                <ActionForm action=set_disabled attr:class="form">
                    <FormAlert message=switch_fault.form(&[])/>
                    <input type="hidden" name="id" value=id.get_value()/>
                    <input type="hidden" name="disabled" value=(!row.disabled).to_string()/>
                    <footer>
                        <p>{switch_help}</p>
                        <Button submit=true busy=set_disabled.pending()>{switch_label}</Button>
                    </footer>
                </ActionForm>
                <hr/>
                <details class="confirm">
                    <summary class="button" data-kind="danger">"Delete …"</summary>
                    <ActionForm action=delete attr:class="form">
                        <FormAlert message=delete_fault.form(&[])/>
                        <input type="hidden" name="id" value=id.get_value()/>
                        <footer>
                            <p>"Programs that use it stop working, and it cannot be brought back. Its past requests stay in the log."</p>
                            <Button kind=ButtonKind::Danger submit=true busy=delete.pending()>"Delete for good"</Button>
                        </footer>
                    </ActionForm>
                </details>
            </div>
        </UrlDialog>
    }
    .into_any()
}

/// The error of a form, as its fields and its head want it.
#[derive(Clone, Copy)]
struct Fault(Signal<Option<AppError>>);

fn field_fault<T, F>(value: Signal<Option<T>>, error: F) -> Fault
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> Option<AppError> + Send + Sync + 'static,
{
    Fault(Signal::derive(move || value.get().and_then(&error)))
}

impl Fault {
    fn field(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.0.read().as_ref().and_then(|error| error.of_field(name)))
    }

    fn form(self, fields: &'static [&'static str]) -> Signal<Option<String>> {
        Signal::derive(move || self.0.read().as_ref().and_then(|error| error.of_form(fields)))
    }
}
