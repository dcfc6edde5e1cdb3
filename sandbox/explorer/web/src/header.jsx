const KINDS = [
  ['citizen', 'Citizens · Công dân'],
  ['client', 'Clients · Cơ quan, tổ chức'],
];

function PersonaPicker({ personas, persona, onPick }) {
  return (
    <label className="picker">
      <span>Ask as</span>
      <select id="persona" value={persona?.name ?? ''} onChange={event => onPick(event.target.value)}>
        <option value="">nobody: public data only</option>
        {KINDS.map(([kind, label]) => (
          <optgroup key={kind} label={label}>
            {personas
              .filter(each => each.kind === kind)
              .map(({ name, title }) => (
                <option key={name} value={name}>
                  {name}: {title.en}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function PurposePicker({ purposes, purpose, onPick }) {
  return (
    <label className="picker">
      <span>for the purpose</span>
      <select id="purpose" value={purpose ?? ''} disabled={purposes.length === 0} onChange={event => onPick(event.target.value)}>
        {purposes.length === 0 && <option value="">none</option>}
        {purposes.map(each => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </label>
  );
}

/** The bar that says who asks. `caption` is the persona's Vietnamese title, or why no token could be had. */
export function Header({ personas, persona, purpose, tokenState, onPersona, onPurpose }) {
  return (
    <header className="bar">
      <h1>
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="26" height="26" />
        Liên thông
      </h1>
      <p className={`caption ${tokenState.kind}`} id="token-state" role="status">
        {tokenState.text}
      </p>
      <PersonaPicker personas={personas} persona={persona} onPick={onPersona} />
      <PurposePicker purposes={persona?.purposes ?? []} purpose={purpose} onPick={onPurpose} />
    </header>
  );
}
