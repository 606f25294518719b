// Exports that Python, jq, an editor or a broken download made of a good one: the text of the records, and where it ends.
import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { convert, failed, record, warnings } from './lib/running.mjs';

/** A record as text, whose only box begins at x, a number or the text of one. */
const text = (n, x = 1) =>
    JSON.stringify(
        record(n, [{ objectId: `o${n}`, schemaId: 's', title: 'A', 'bounding-box': { x: 'X', y: 1, width: 3, height: 3 } }]),
    ).replace('"X"', String(x));
const one = text(1),
    two = text(2),
    three = text(3);

const imagesOf = ({ coco }) => coco.images.map(({ ango_external_id: id }) => id);
const objectsOf = ({ coco }) => coco.annotations.map(({ ango_object_id: id }) => id);
const all = ['1.png', '2.png', '3.png'];

describe('a number that is none costs its tool, not the record or the export:', () => {
    for (const number of ['NaN', 'Infinity', '-Infinity', '1e400', '-1e400', '123456789012345678901234567890', 'null', '"12"'])
        for (const [layout, content] of [
            ['in a line', `${one}\n${text(2, number)}\n${three}\n`],
            ['in an array', `[${one},${text(2, number)},${three}]`],
        ])
            it(`${number} ${layout}`, async () => {
                const made = await convert(content);
                assert.equal(made.code, 0, made.said.join('\n'));
                assert.deepEqual([imagesOf(made), objectsOf(made)], [all, ['o1', 'o3']]);
                assert.deepEqual(made.report.tools['bounding-box'].dropped, { invalid_geometry: 1 });
                assert.deepEqual(warnings(made), [
                    '1 tool was left out (invalid_geometry): their coordinates are missing or are no usable numbers ["bounding-box" 1].',
                ]);
            });

    it('NaN elsewhere in a record costs nothing', async () => {
        const odd = one.replace('"task":', '"score":NaN,"list":[Infinity,-Infinity,{"a":NaN}],"task":');
        const made = await convert(`${odd}\n${two}\n`);
        assert.deepEqual([imagesOf(made), objectsOf(made)], [all.slice(0, 2), ['o1', 'o2']]);
    });
    it('NaN in a text is text', async () => {
        const made = await convert(`${one.replace('"externalId":"1.png"', '"externalId":"NaN: -Infinity, NaN"')}\n`);
        assert.deepEqual(imagesOf(made), ['NaN: -Infinity, NaN']);
    });
    it('NaN as a size is no size', async () => {
        const made = await convert(`${one.replace('"width":100,"height":100', '"width":NaN,"height":NaN')}\n`);
        assert.equal(made.coco.images[0].width, undefined);
        assert.deepEqual(objectsOf(made), ['o1']);
    });
});

describe('records that are joined otherwise than by line ends are read, or named with their line:', () => {
    const JOINED = {
        'two in a line': `${one}${two}\n${three}`,
        'a comma behind each': `${one},\n${two},\n${three}\n`,
        'the line ends of an old Mac': `${one}\r${two}\r${three}\r`,
        'the line ends of Windows': `${one}\r\n${two}\r\n${three}\r\n`,
        'one record on many lines': JSON.stringify(JSON.parse(one), null, 1),
        'records on many lines': [one, two, three].map((line) => JSON.stringify(JSON.parse(line), null, 2)).join('\n'),
        'the separator of JSON text sequences': `\x1e${one}\n\x1e${two}\n\x1e${three}\n`,
        'a byte order mark in front': `\ufeff${one}\n${two}\n${three}\n`,
        'a byte order mark between files that were joined': `${one}\n\ufeff${two}\n${three}\n`,
        'zeros between': `${one}\n\0\0\0\0${two}\n${three}\n`,
        'an array in each line': `[${one},${two}]\n[${three}]\n`,
        'an array behind blanks': `\n\n  [${one},\n${two},\n${three}]\n`,
        'an array with a comma too many': `[${one},${two},${three},]`,
        'an array in an object': `{"data":[${one},${two},${three}]}`,
        'text behind an array': `[${one},${two}]\n${three}\n`,
    };
    for (const [what, content] of Object.entries(JOINED))
        it(what, async () => {
            const made = await convert(content);
            const images = made.coco ? imagesOf(made) : [];
            if (what === 'one record on many lines') return assert.deepEqual(images, ['1.png']);
            if (images.length === 3) return assert.deepEqual(warnings(made), []);
            // Not all: the run fails, or names each line that it left out, and the report counts them.
            if (made.code !== 0) return failed(made, /export|JSON/);
            assert.ok(
                warnings(made).some((line) => /^Line \d+/.test(line)),
                made.said.join('\n'),
            );
            assert.ok(made.report.assets.skipped.bad_record > 0);
            assert.equal(made.report.assets.in, images.length + made.report.assets.skipped.bad_record);
        });

    it('separators of Unicode and halves of characters in texts are no line ends', async () => {
        const odd = one.replace('"externalId":"1.png"', '"externalId":"a\u2028b\u0085c.png"');
        const half = two.replace('"externalId":"2.png"', '"externalId":"x\\ud800.png"');
        const made = await convert(`${odd}\n${half}\n`);
        assert.deepEqual(imagesOf(made), ['a\u2028b\u0085c.png', 'x\ufffd.png']);
    });
});

describe('an export that ends too early is never taken for a whole one:', () => {
    const whole = `${one}\n${two}\n${three}\n`;
    for (const [what, content] of Object.entries({
        'in the middle of the last line': whole.slice(0, -40),
        'one byte before the end of the last record': whole.slice(0, -2),
        'in a text of the last line': whole.slice(0, whole.lastIndexOf('taskId') + 3),
        'in the only line': one.slice(0, -5),
    }))
        it(`${what}, where the user reads that it is cut off`, async () => {
            const made = await convert(content);
            if (made.code !== 0) return failed(made, /cut off|ends too early|incomplete|not valid JSON/);
            const [line, ...more] = warnings(made).filter((sentence) => /^Line/.test(sentence));
            assert.deepEqual(more, []);
            assert.match(line, /cut off|ends too early|incomplete/);
            assert.equal(made.report.assets.skipped.bad_record, 1);
        });

    for (const [what, content] of Object.entries({
        'behind a comma of an array': `[${one},${two},`,
        'behind a record of an array': `[${one},${two}`,
        'in a record of an array': `[${one},${two.slice(0, -9)}`,
        'behind the bracket of an array': '[',
    }))
        it(`${what}, where the run fails`, async () => failed(await convert(content), /JSON|cut off|ends too early|incomplete/));
});

describe('a file that is something else is named:', () => {
    for (const [what, content, ...patterns] of [
        ['a page of a server', '<!DOCTYPE html><html><body>AccessDenied</body></html>\n', /JSON|HTML|page/i],
        ['an error of a store', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /JSON|XML/i],
        ['an answer of Hub', '{"status":"fail","message":"No such project."}', /record|asset|task|fail/i],
        ['a table', 'externalId,asset\n1.png,https://files.example.test/1.png\n', /JSON/],
    ])
        it(what, async () => {
            const made = await convert(content);
            if (made.code !== 0) return failed(made, ...patterns);
            assert.deepEqual(imagesOf(made), []);
            assert.match(warnings(made).join('\n'), patterns[0]);
        });
});

test('an empty file is a valid, empty result with a warning', async () => {
    for (const content of ['', '\n\n', '\ufeff', '[]', ' [ ] ']) {
        const made = await convert(content);
        assert.deepEqual(imagesOf(made), []);
        assert.match(warnings(made).join('\n'), /no assets/);
    }
});
