// Cells of a table are written by somebody else: as HTML nothing of them may reach the page but the address of a frame.
import assert from 'node:assert/strict';
import { before, describe, it, test } from 'node:test';
import { input, makeRows, warnings } from './lib/running.mjs';

const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;

const TAGS = new Set(['section', 'h1', 'div', 'br', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'colgroup', 'col', 'iframe', 'p', 'span']);
const ATTRIBUTES = new Set(['style', 'src', 'sandbox', 'colspan', 'referrerpolicy', 'loading', 'width', 'height']);
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'" };
const unescaped = (text) => text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity]);

/** The start tags of a page as a browser reads them: [name, attributes]. Fails if one of them is not among those that are allowed. */
function tagsOf(html) {
    const tags = [];
    assert.doesNotMatch(html, /<!|<\?|[\r\n]/);
    for (const [whole, closing, name, rest] of html.matchAll(/<(\/?)([a-zA-Z][^\s/>]*)((?:[^>'"]|'[^']*'|"[^"]*")*)>/g)) {
        assert.ok(TAGS.has(name.toLowerCase()), `a tag ${whole}`);
        const attributes = {};
        for (const [, key, , single, double] of rest.matchAll(/([^\s=/]+)(\s*=\s*(?:'([^']*)'|"([^"]*)"|[^\s'"]+))?/g)) {
            assert.ok(ATTRIBUTES.has(key.toLowerCase()), `an attribute ${key} in ${whole}`);
            assert.ok(!(key in attributes), `${key} twice in ${whole}`);
            attributes[key] = unescaped(single ?? double ?? '');
        }
        if (closing === '') tags.push([name, attributes]);
    }
    // Outside of tags no bracket is left.
    assert.doesNotMatch(html.replace(/<\/?[a-zA-Z](?:[^>'"]|'[^']*'|"[^"]*")*>/g, ''), /[<>]/);
    return tags;
}
const framesOf = (html) => tagsOf(html).filter(([name]) => name.toLowerCase() === 'iframe');

/** Asserts that a page has one frame with this address, kept in a sandbox without the rights of the page around it. */
function assertFrame(html, src) {
    const frames = framesOf(html);
    assert.equal(frames.length, 1, html);
    const [[, attributes]] = frames;
    assert.equal(attributes.src, src);
    assert.ok('sandbox' in attributes, html);
    assert.ok(
        !(/allow-scripts/.test(attributes.sandbox) && /allow-same-origin/.test(attributes.sandbox)) || new URL(src).host !== '',
        html,
    );
    assert.doesNotMatch(attributes.sandbox, /allow-top-navigation(?!-by-user)/);
}

/** The text of the cell in the section of a column, as a reader sees it. */
function textOf(html, column) {
    const [, cell] = new RegExp(`<h1[^>]*>${column}</h1><div>(.*?)</div></section>`).exec(html) ?? [];
    assert.notEqual(cell, undefined, html);
    return unescaped(cell.replace(/<br ?\/?>/g, '\n'));
}

test('cells of a column of frames become a frame with its address alone, or stay text', async () => {
    const { assets, ...made } = await makeRows(input('frames.csv'), '', {
        config: { iframe_columns: ['view'] },
        module: 'markdown_agnostic',
    });
    warnings(made);
    const frames = Object.fromEntries(assets.map(({ data }) => [textOf(data, 'name'), framesOf(data).map(([, { src }]) => src)]));
    const [first, second] = ['https://files.example.test/1.pdf', 'https://files.example.test/2'];
    assert.deepEqual(
        { ...frames, quote: undefined, 'frame-more': undefined, 'frame-open': undefined },
        {
            plain: [first],
            quote: undefined,
            script: [],
            data: [],
            frame: [second],
            'frame-event': [second],
            'frame-more': undefined,
            'frame-open': undefined,
            'frame-js': [],
            'frame-srcdoc': [],
            text: [],
            lines: [],
        },
    );
    for (const [what, allowed] of Object.entries({
        quote: "https://files.example.test/x' onload='alert(1)",
        'frame-more': second,
        'frame-open': second,
    }))
        assert.ok(
            frames[what].every((src) => src === allowed || src === encodeURI(allowed).replaceAll("'", '%27')),
            `${what}: ${frames[what]}`,
        );
});

const URL_ = 'https://files.example.test/2';
/** name: [cell, address of the frame; null for text; undefined if either is right]. */
const CELLS = {
    'an address in capitals': ['HTTPS://files.example.test/2', 'HTTPS://files.example.test/2'],
    'an address with a query': [`${URL_}?a=1&b=2`, `${URL_}?a=1&b=2`],
    'an address with blanks around it': [`  ${URL_} `, undefined],
    'an address behind a no-break space': [`\u00a0${URL_}`, undefined],
    'an address without its scheme': ['//files.example.test/2', null],
    'a scheme without slashes': ['https:alert(1)', undefined],
    'a script with a tab in its scheme': ['java\tscript:alert(1)', null],
    'a script with blanks in front': [' \u0001javascript:alert(1)', null],
    'a script of Visual Basic': ['vbscript:msgbox(1)', null],
    'a file': ['file:///etc/passwd', null],
    'a blob': ['blob:https://files.example.test/x', null],
    'a frame in capitals': [`<IFRAME SRC="${URL_}"></IFRAME>`, URL_],
    'a frame without quotes': [`<iframe src=${URL_}></iframe>`, URL_],
    'a frame with blanks around the sign': [`<iframe src = '${URL_}' ></iframe>`, URL_],
    'a frame on two lines': [`<iframe\n src="${URL_}"\n></iframe>`, URL_],
    'a frame with a width, as YouTube gives it': [
        `<iframe width="560" height="315" src="${URL_}" title="player" frameborder="0" allow="autoplay" allowfullscreen></iframe>`,
        URL_,
    ],
    'a frame with an escaped address': [`<iframe src="${URL_}?a=1&amp;b=2"></iframe>`, `${URL_}?a=1&b=2`],
    'a frame whose scheme is escaped': ['<iframe src="&#106;avascript:alert(1)"></iframe>', null],
    'a frame whose scheme is escaped by name': ['<iframe src="javascript&colon;alert(1)"></iframe>', null],
    'a frame whose scheme has a line end': ['<iframe src="java\nscript:alert(1)"></iframe>', null],
    'a frame with a slash for a blank': [`<iframe/onload=alert(1)/src="${URL_}"></iframe>`, undefined],
    'a frame with two addresses': [`<iframe src="${URL_}" src="javascript:alert(1)"></iframe>`, URL_],
    'a frame with two addresses, the bad one first': [`<iframe src="javascript:alert(1)" src="${URL_}"></iframe>`, undefined],
    'a frame with an address elsewhere': [`<iframe data-src="${URL_}"></iframe>`, null],
    'a frame without an address': ['<iframe></iframe>', null],
    'a frame behind text': [`see <iframe src="${URL_}"></iframe>`, undefined],
    'a frame in a frame': [`<iframe src="${URL_}"><iframe src="javascript:alert(1)"></iframe></iframe>`, undefined],
    'a frame with a picture behind': [`<iframe src="${URL_}"></iframe><img src=x onerror=alert(1)>`, undefined],
    'a frame with a quote in its address': [`<iframe src="${URL_}' onload='alert(1)"></iframe>`, undefined],
    'another tag that begins like a frame': [`<iframes src="${URL_}" onload="alert(1)"></iframes>`, null],
    'a frame cut off in its address': ['<iframe src="https://files.exam', null],
    'an embedded drawing': ['<svg onload=alert(1)>', null],
    'an address that ends the attribute': ["https://x.example.test/'><script>alert(1)</script>", undefined],
    'an address with a bracket of IPv6': ['https://[2001:db8::7]/a', 'https://[2001:db8::7]/a'],
};

describe('in a column of frames', () => {
    let pages;
    before(async () => {
        const csv = `name,view\n${Object.entries(CELLS)
            .map(([name, [cell]]) => `${quoted(name)},${quoted(cell)}\n`)
            .join('')}`;
        const made = await makeRows(csv, '', { config: { iframe_columns: ['view'] }, module: 'markdown_agnostic' });
        assert.equal(made.code, 0, made.said.join('\n'));
        pages = Object.fromEntries(made.assets.map(({ data }) => [textOf(data, 'name'), data]));
    });
    for (const [name, [cell, src]] of Object.entries(CELLS))
        it(`${name} ${src ? 'is a frame' : src === null ? 'is text' : 'brings nothing of its own'}`, () => {
            const frames = framesOf(pages[name]);
            if (src) assertFrame(pages[name], src);
            else if (src === null) {
                assert.deepEqual(frames, []);
                assert.equal(textOf(pages[name], 'view'), cell);
            } else for (const [, attributes] of frames) assert.match(attributes.src, /^https?:\/\//i);
        });
});

describe('in all other columns', () => {
    const PLAIN = {
        'a script': '<script>alert(1)</script>',
        'a picture': '<img src=x onerror=alert(1)>',
        'the end of the cell': '</div></section><script>alert(1)</script>',
        'the end of an attribute': `'><b>"`,
        'an entity': '&lt;b&gt; &amp;amp; &#60;',
        'a comment': '<!-- x --> <![CDATA[ y ]]>',
        Markdown: '# title *a* _b_ `c` [d](javascript:alert(1)) ![e](x) | f',
        'a frame': `<iframe src="${URL_}"></iframe>`,
        'letters of all kinds': 'ä 漢 😀 \u202e',
    };
    it('every cell is text, and so is every name of a column', async () => {
        const names = Object.keys(PLAIN).map((name) => `<b>${name}</b>`);
        const csv = `${names.map(quoted).join(',')}\n${Object.values(PLAIN).map(quoted).join(',')}\n`;
        const { assets } = await makeRows(csv, '', { module: 'markdown_agnostic' });
        const [{ data }] = assets;
        assert.deepEqual(framesOf(data), []);
        for (const [name, cell] of Object.entries(PLAIN)) assert.equal(textOf(data, `&lt;b&gt;${name}&lt;/b&gt;`), cell);
    });
    it('also of two columns and of pairs', async () => {
        const csv = `a_x,a_<i>,b_x,b_<i>\n${Object.values(PLAIN).slice(0, 4).map(quoted).join(',')}\n`;
        for (const config of [{ two_columns: true }, { paired_columns: true, paired_prefixes: ['a', 'b'] }]) {
            const { assets, ...made } = await makeRows(csv, '', { config, module: 'markdown_agnostic' });
            assert.equal(made.code, 0, made.said.join('\n'));
            assert.deepEqual(framesOf(assets[0].data), []);
            for (const cell of Object.values(PLAIN).slice(0, 4)) assert.ok(unescaped(assets[0].data).includes(cell), cell);
        }
    });
});
