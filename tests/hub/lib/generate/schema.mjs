// The ontology of generated projects: the classes that generated assets use.

const COLORS = [
    '#E6194B',
    '#3CB44B',
    '#FFE119',
    '#4363D8',
    '#F58231',
    '#911EB4',
    '#46F0F0',
    '#F032E6',
    '#BCF60C',
    '#FABEBE',
    '#008080',
    '#9A6324',
];

const tool = (schemaId, title, kind, index) => ({
    schemaId,
    title,
    tool: kind,
    color: COLORS[index % COLORS.length],
    required: false,
    shortcutKey: '',
    classifications: [],
});

const choice = (schemaId, title, kind, values) => ({
    schemaId,
    title,
    tool: kind,
    required: false,
    options: values.map((value, i) => ({ schemaId: `${schemaId}-${i}`, value })),
    classifications: [],
});

/** Classes by shape. Two have the same title ("Car"), as happens in Hub; one has a character outside of ASCII. */
export const CLASSES = {
    'bounding-box': [
        tool('s-car', 'Car', 'bounding-box', 0),
        tool('s-truck', 'Truck', 'bounding-box', 1),
        tool('s-person', 'Person', 'bounding-box', 2),
        tool('s-bicycle', 'Bicycle', 'bounding-box', 3),
    ],
    'rotated-bounding-box': [tool('s-ship', 'Ship', 'rotated-bounding-box', 4), tool('s-car-rotated', 'Car', 'rotated-bounding-box', 5)],
    polygon: [tool('s-tree', 'Tree', 'polygon', 6), tool('s-building', 'Gebäude', 'polygon', 7)],
    polyline: [tool('s-lane', 'Lane', 'polyline', 8)],
    point: [tool('s-light', 'Traffic light', 'point', 9)],
    segmentation: [tool('s-field', 'Field', 'segmentation', 10), tool('s-water', 'Water', 'segmentation', 11)],
    ner: [tool('s-name', 'Name', 'ner', 0)],
    pdf: [tool('s-total', 'Total', 'pdf', 1)],
    spline: [tool('s-river', 'River', 'spline', 2)],
};

export const COLOR = choice('s-color', 'Color', 'radio', ['red', 'green', 'blue', 'black', 'white']);
export const DAMAGE = choice('s-damage', 'Damage', 'checkbox', ['scratch', 'dent', 'glass']);
export const WEATHER = choice('s-weather', 'Weather', 'checkbox', ['sun', 'rain', 'fog', 'snow']);
export const ROAD = choice('s-road', 'Road', 'single-dropdown', ['city', 'country', 'motorway']);
export const PLATE = { schemaId: 's-plate', title: 'Plate', tool: 'text', required: false, regex: '', classifications: [] };

/** The `categorySchema` of a project with generated assets. */
export function defaultSchema() {
    const tools = Object.values(CLASSES)
        .flat()
        .map((entry) => (entry.tool === 'bounding-box' ? { ...entry, classifications: [COLOR, DAMAGE, PLATE] } : entry));
    return {
        tools,
        classifications: [WEATHER, ROAD],
        relations: [
            { schemaId: 's-near', title: 'near', tool: 'one-to-one' },
            { schemaId: 's-convoy', title: 'convoy', tool: 'group' },
        ],
    };
}
