document.getElementById('base-url').textContent = `${location.origin}/v1`;
