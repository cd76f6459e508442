/** The script of an exported page: the trace panel over a host that is the page itself. */
import './page_host.js';
import './trace_panel.js';
