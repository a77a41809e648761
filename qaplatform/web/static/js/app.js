// Improves pages that work without it. Each module looks for its own data- attribute, also in parts that arrive later.
import { closeMenus } from "./menus.js";
import { submitOnce } from "./once.js";
import { focusSearch, searchLive } from "./search.js";
import { tidyFilters } from "./filters.js";
import { dropFiles } from "./drop.js";
import { sendFiles } from "./upload.js";

closeMenus(document);
submitOnce(document);
focusSearch(document);
searchLive(document);
tidyFilters(document);
dropFiles(document);
sendFiles(document);
