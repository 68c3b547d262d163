// Runs before the page is painted: takes up the reader's choice of light or dark, and says that scripts run.
(() => {
  const html = document.documentElement;
  if (document.currentScript?.dataset.app) html.classList.add('js');
  try {
    const theme = localStorage.getItem('umland:theme');
    if (theme === 'light' || theme === 'dark') html.dataset.theme = theme;
  } catch {
    // No storage: the system's choice holds.
  }
})();
