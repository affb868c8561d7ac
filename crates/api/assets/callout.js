// The banner as a web component: <wigwag-callout token="...">.
class WigwagCallout extends HTMLElement {}
customElements.get("wigwag-callout") ?? customElements.define("wigwag-callout", WigwagCallout);
