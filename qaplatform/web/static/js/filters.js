// <form data-filters>: empty fields are left out of the address, so that it can be read and passed on.
// Choices are sent by the button only: a list that changes under the arrow keys is lost on whoever cannot see it.
export function tidyFilters(root) {
  root.addEventListener("formdata", (event) => {
    if (!event.target.matches("form[data-filters]")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}
