/** Sets a field of the search that nobody sees; "" takes it away. */
export function keepTogether(name: string, value: string): void {
  const form = document.getElementById('search');
  if (!(form instanceof HTMLFormElement)) return;
  let field = form.querySelector<HTMLInputElement>(`input[type=hidden][name="${name}"]`);
  if (!value) {
    field?.remove();
    return;
  }
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

/** The address that the form leads to, without what says nothing. */
export function address(form: HTMLFormElement): URL {
  const data = new FormData(form);
  const place = form.querySelector<HTMLInputElement>('#place');
  // The key that came with a place is not that of another one.
  if (place && place.value !== (place.dataset.chosen ?? place.defaultValue)) data.delete('ags');
  if (place?.value.trim()) data.delete('near');
  if (!data.get('place')) data.delete('ags');
  if ((!data.get('place') && !data.get('near')) || data.get('km') === '10') data.delete('km');
  const to = new URL(form.action, location.href);
  to.search = '';
  for (const [name, value] of data) {
    if (typeof value === 'string' && value.trim()) to.searchParams.append(name, value.trim());
  }
  return to;
}
