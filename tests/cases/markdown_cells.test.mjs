// Cells in the text of a user: wherever |column| stands, a cell is text or an address, and never a tag, an attribute or a script.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failed, makeRows, warnings } from './lib/running.mjs';

const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
const make = (text, cells) => makeRows(`c\n${cells.map((cell) => `${quoted(cell)}\n`).join('')}`, text);

/** [what, text of the user, {cell: what becomes of the text}]. */
const KEPT = [
    [
        'in text',
        '# |c|',
        {
            plain: '# plain',
            'AT&T': '# AT&T',
            'a\nb': '# a\nb',
            '**bold** _it_': '# **bold** _it_',
            '|c|': '# |c|',
            '<script>alert(1)</script>': '# &lt;script>alert(1)&lt;/script>',
            '<!-- x': '# &lt;!-- x',
            '[l](javascript:alert(1))': '# [l]&#40;javascript:alert(1))',
            '[l]: javascript:alert(1)': '# [l]&#58; javascript:alert(1)',
            'https://a.example/?x=1&y=2': '# https://a.example/?x=1&y=2',
        },
    ],
    ['in an element', '<p>|c|</p>', { '</p><img src=x onerror=alert(1)>': '<p>&lt;/p>&lt;img src=x onerror=alert(1)></p>' }],
    ['in a title', '<title>|c|</title>', { '</title><script>': '<title>&lt;/title>&lt;script></title>' }],
    [
        'in an attribute',
        '<img alt="|c|">',
        {
            'a > b': '<img alt="a &gt; b">',
            '"><script>': '<img alt="&quot;&gt;&lt;script&gt;">',
            "' onerror='x": '<img alt="&#39; onerror=&#39;x">',
        },
    ],
    ['in an attribute without quotes', '<img alt=|c|>', { 'x onerror=alert(1)': '<img alt="x onerror=alert(1)">' }],
    [
        'in an address',
        "<a href='|c|'>x</a>",
        {
            'https://a.example/?x=1&y=2': "<a href='https://a.example/?x=1&amp;y=2'>x</a>",
            'HTTPS://A.example': "<a href='HTTPS://A.example'>x</a>",
            '/rel/path': "<a href='/rel/path'>x</a>",
            'mailto:a@b.example': "<a href='mailto:a@b.example'>x</a>",
            "x' onclick='alert(1)": "<a href='x&#39; onclick=&#39;alert(1)'>x</a>",
            'javascript&colon;alert(1)': "<a href='javascript&amp;colon;alert(1)'>x</a>",
        },
    ],
    [
        'in the address of a picture',
        "<img src='|c|'>",
        {
            'data:image/png;base64,AAAA': "<img src='data:image/png;base64,AAAA'>",
            'http://a.example/1.png': "<img src='http://a.example/1.png'>",
        },
    ],
    ['in an address of Markdown', '[x](|c|)', { 'https://a.example/(x)': '[x](https://a.example/%28x%29)' }],
    ['in a table of Markdown', '| x |\n|---|\n| |c| |', { 'a | b': '| x |\n|---|\n| a &#124; b |', 'c\nd': '| x |\n|---|\n| c<br>d |' }],
];

describe('a cell is what it shows', { concurrency: 2 }, () => {
    for (const [where, text, cells] of KEPT)
        it(where, async () => {
            const made = await make(text, Object.keys(cells));
            assert.deepEqual(warnings(made), []);
            assert.deepEqual(
                made.assets.map(({ data }) => data),
                Object.values(cells),
            );
        });
});

/** Cells that would be run as a script in an address. */
const SCRIPTS = [
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    '\u0001javascript:alert(1)',
    'vbscript:x',
    'data:text/html,x',
];

describe('an address that would run a script is left out, with a warning,', { concurrency: 2 }, () => {
    for (const [where, text, wanted] of [
        ['of a link', "<a href='|c|'>x</a>", "<a href='about:blank'>x</a>"],
        ['of a frame', "<iframe src='|c|'></iframe>", "<iframe src='about:blank'></iframe>"],
        ['of a form', "<form action='|c|'></form>", "<form action='about:blank'></form>"],
        ['of a drawing', "<svg><a xlink:href='|c|'>x</a></svg>", "<svg><a xlink:href='about:blank'>x</a></svg>"],
        ['of Markdown', '[x](|c|)', '[x](about:blank)'],
        ['of a picture of Markdown', '![x](|c|)', '![x](about:blank)'],
    ])
        it(where, async () => {
            const made = await make(text, SCRIPTS);
            assert.deepEqual([...new Set(made.assets.map(({ data }) => data))], [wanted]);
            assert.deepEqual(warnings(made), [
                'A cell of the column "c" was left out of a link or an attribute, because it could run a script or change the page there: "javascript:alert(1)". Others like it are not named.',
            ]);
        });
    it('of two cells, in a link whose columns have blanks and parentheses in their names', async () => {
        const made = await makeRows('base url,path (rest)\njavascript,:alert(1)\n', '[x](|base url||path (rest)|)');
        assert.deepEqual(
            made.assets.map(({ data }) => data),
            ['[x](javascriptabout:blank)'],
        );
        assert.equal(warnings(made).length, 1);
    });
    it('of two cells that are a script together', async () => {
        const made = await makeRows('a,b\njava,script:alert(1)\nj,avascript:alert(1)\n', "<a href='|a||b|'>x</a>");
        for (const { data } of made.assets) assert.doesNotMatch(data, /href='\s*javascript:/i);
        assert.equal(warnings(made).length, 1);
    });
});

it('a link that the text defines is text if a cell would give it the address of a script', async () => {
    const defined = async (text) => (await makeRows('a,b\njava,script:alert(1)\n', text)).assets.map(({ data }) => data);
    assert.deepEqual(await defined('[x]: |a||b|'), ['[x]&#58; javascript:alert(1)']);
    assert.deepEqual(await defined('[x]:|a||b|'), ['[x]&#58;javascript:alert(1)']);
});

it('a cell in brackets is no tag', async () => {
    const { assets } = await make('<|c|>', ['img src=x onerror=alert(1)', 'svg/onload=alert(1)']);
    for (const { data } of assets) assert.doesNotMatch(data, /<(img|svg)[\s/]/);
});

const PLACES = 'Cells can stand in text, in links, and in attributes with quotes around them, such as <img alt="|name|">.';
describe('a place where a cell could only be run is refused', { concurrency: 2 }, () => {
    for (const [text, where] of [
        ["<script>var x = '|c|';</script>", 'a script or a style, where a cell would be run.'],
        ['<style>p { color: |c| }</style>', 'a script or a style, where a cell would be run.'],
        ["<div onclick='f(|c|)'>x</div>", 'the attribute onclick, where a cell would be run as a script.'],
        ["<iframe srcdoc='|c|'></iframe>", 'the attribute srcdoc, where a cell would be run as a script.'],
        ["<script src='|c|'></script>", 'the tag <script>, where a cell would choose what is run.'],
        ["<a href='&#106;avascript:|c|'>x</a>", 'an address that is no web address, where a cell could be run as a script.'],
        ["<b |c|='1'>x</b>", 'an HTML tag, where a cell would become a part of the tag.'],
    ])
        it(text, async () => failed(await make(text, ['x']), `The markdown text puts the column "c" into ${where} ${PLACES}`));
});
