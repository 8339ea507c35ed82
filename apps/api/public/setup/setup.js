// The secret is in the fragment, which browsers send to nobody.
const secret = location.hash.slice(1);
const form = document.getElementById('form');
const problem = document.getElementById('problem');
const button = form.querySelector('button');

if (secret === '') finish('This link is not complete', 'Open the whole link that the server printed when it started.');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  problem.textContent = '';
  button.disabled = true;
  const username = form.elements.namedItem('username').value;
  const password = form.elements.namedItem('password').value;
  try {
    const response = await fetch('/maas-api/v1/setup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret, username, password }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error.message);
    history.replaceState(null, '', location.pathname);
    finish(`${username} is the administrator`, 'Sign in with POST /maas-api/v1/login; the API reference is at /docs.');
  } catch (error) {
    problem.textContent = error.message;
    button.disabled = false;
  }
});

function finish(title, lead) {
  document.getElementById('title').textContent = title;
  document.getElementById('lead').textContent = lead;
  form.remove();
}
