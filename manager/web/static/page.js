// Small comforts; every page works without them.

const THEMES = { light: "dark", dark: "light" };
const YEAR = 31536000; // seconds

function shownTheme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen) return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

document.addEventListener("click", (click) => {
  const button = click.target.closest("[data-theme-switch], [data-copy]");
  if (!button) {
    closeOthers(click.target);
    return;
  }
  if ("themeSwitch" in button.dataset) switchTheme();
  else copy(button);
});

function switchTheme() {
  const theme = THEMES[shownTheme()];
  document.documentElement.dataset.theme = theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `flexvdi_theme=${theme}; Path=/; Max-Age=${YEAR}; SameSite=Strict${secure}`;
  say(`${theme === "dark" ? "Dark" : "Light"} colours.`);
}

async function copy(button) {
  const text = document.getElementById(button.dataset.copy).textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
    button.querySelector("span").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    say("Marked; copy it with the keyboard.");
  }
}

// Screen readers hear what is put here.
function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}

function closeOthers(target) {
  document.querySelectorAll("details[data-pops][open]").forEach((details) => {
    if (!details.contains(target)) details.open = false;
  });
}

document.addEventListener("keydown", (key) => {
  if (key.key !== "Escape") return;
  const open = document.querySelector("details[data-pops][open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (location.hash === "#menu") {
    location.hash = "#";
  }
});

// A form that is on its way is not sent a second time.
document.addEventListener("submit", (submit) => {
  const button = submit.submitter;
  if (button && submit.target.method === "post") {
    button.setAttribute("aria-busy", "true");
    setTimeout(() => (button.disabled = button.hasAttribute("aria-busy")));
  }
});
addEventListener("pageshow", () => {
  document.querySelectorAll("button[aria-busy]").forEach((button) => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  });
});

// A button that names a place has only that place of the answer put into the page: what is typed
// stays, passwords too. An answer that leads to another page is followed.
document.addEventListener("submit", async (submit) => {
  const button = submit.submitter;
  if (!button?.dataset.into) return;
  submit.preventDefault();
  const place = document.getElementById(button.dataset.into);
  button.disabled = true;
  say("One moment …");
  try {
    const answer = await fetch(button.formAction, {
      method: "POST",
      body: new URLSearchParams(new FormData(submit.target)),
    });
    if (answer.redirected) {
      location.assign(answer.url);
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = fresh.getElementById(button.dataset.into);
    place.replaceChildren(...(found ?? fresh.querySelector("main")).childNodes);
    (place.querySelector("[autofocus]") ?? submit.target.querySelector("[data-again]"))?.focus();
  } catch {
    place.textContent = "The Manager does not answer. Try again.";
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
});

// Filters act as soon as they are changed.
document.querySelectorAll("form[data-at-once] select").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

// Times are shown where the reader is.
function localTimes() {
  document.querySelectorAll("time[datetime]:not([data-local])").forEach((time) => {
    const at = new Date(time.dateTime);
    time.dataset.local = "";
    time.title = at.toLocaleString();
    if (time.dataset.form === "full") time.textContent = at.toLocaleString();
  });
}
localTimes();
document.addEventListener("refreshed", localTimes);
