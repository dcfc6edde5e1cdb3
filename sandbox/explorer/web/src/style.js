// GraphiQL's own style.css brings 400 kB of web fonts; these are the same rules with the reader's own sans serif.
import './fonts.css';
import '@graphiql/react/style.css';
import 'graphiql/graphiql.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
