import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/setup-workers/vite';
import { Page } from './page.jsx';

// The editor measures its letters once, when it starts: by then the font must be there.
await document.fonts.load("15px 'Fira Code'", 'aạ');

const answer = await fetch('/sandbox/personas.json');
const personas = await answer.json();

createRoot(document.getElementById('page')).render(
  <StrictMode>
    <Page personas={personas} />
  </StrictMode>,
);
