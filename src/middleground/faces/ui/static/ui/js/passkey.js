// Buttons marked data-passkey="loginForm | addForm | authenticateForm" start what allauth's script does with a passkey.
for (const button of document.querySelectorAll("[data-passkey]")) {
  const form = button.form;
  const ids = { login: button.id, add: button.id, authenticate: button.id, credential: form.elements.credential.id };
  if (form.elements.passwordless) ids.passwordless = form.elements.passwordless.id;
  if (document.getElementById("js_data")) ids.data = "js_data";
  window.allauth.webauthn.forms[button.dataset.passkey]({ ids });
}

// Refused or cancelled: say so on the page, not in the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("passkey-failed").hidden = false;
});
