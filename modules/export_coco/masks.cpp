// A PNG is decoded row by row into a map of one byte for each pixel: the number of the mask that covers it. The map
// then gives the run lengths of each mask. For brush traces the number is that of the class with the pixel's colour;
// for masks of a segmentation all files are drawn into one number.
#include "export_coco/masks.hpp"

#include "common/png.hpp"
#include "common/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ango::export_coco {

using namespace common;

namespace {

constexpr std::uint64_t kLongestFile = 64u << 20;    // bytes of one PNG
constexpr std::uint64_t kLongestProject = 16u << 20; // bytes of Hub's answer
constexpr unsigned kMostMasks = 1000;                // of one object
constexpr std::uint64_t kNamed = 5;                  // warnings that name the asset; a broken storage causes thousands
constexpr unsigned char kOpaque = 128;               // alpha; modules/FORMATS.md 1.5

std::optional<std::uint32_t> parse_colour(std::string_view text) {
    std::uint32_t colour = 0;
    if (text.size() != 7 || text[0] != '#') return std::nullopt;
    const auto result = std::from_chars(text.data() + 1, text.data() + 7, colour, 16);
    return result.ec == std::errc() && result.ptr == text.data() + 7 ? std::optional(colour) : std::nullopt;
}

const Json *tools_of(const Json &schema) {
    return schema.IsObject() ? array_or_null(find(&schema, "tools")) : array_or_null(&schema);
}

bool is_brush(const Json &tool) {
    const std::string kind = ascii_lower(text_of(find(&tool, "tool")));
    return kind.find("brush") != std::string::npos && kind.find("medical") == std::string::npos &&
           kind.find("voxel") == std::string::npos;
}

bool is_plain_id(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    });
}

} // namespace

// ---- BrushColours ----

void BrushColours::read(const Json &schema) {
    const Json *tools = tools_of(schema);
    if (!tools) return;
    const bool named = std::any_of(tools->Begin(), tools->End(), is_brush);
    for (const Json &tool : tools->GetArray())
        if (!named || is_brush(tool)) add(tool);
}

void BrushColours::add(const Json &tool) {
    const std::optional<std::uint32_t> colour = parse_colour(text_of(common::find(&tool, "color")));
    if (!colour || classes_.size() == PixelMap::kMost || by_colour_.contains(*colour)) return;
    classes_.push_back({std::string(text_of(common::find(&tool, "title"))),
                        std::string(text_of(common::find(&tool, "schemaId"))), *colour});
    by_colour_.emplace(*colour, static_cast<std::uint8_t>(classes_.size()));
}

std::uint8_t BrushColours::find(std::uint32_t colour) const {
    const auto found = by_colour_.find(colour);
    return found == by_colour_.end() ? 0 : found->second;
}

// ---- Masks ----

template <class NumberOf>
bool Masks::draw(const Image &image, std::string_view url, bool first, const NumberOf &number_of) {
    const Job::Fetched file = job_.fetch(url, kLongestFile);
    if (!file.ok) return unreadable(image, "it could not be fetched: " + std::string(file.text));
    PngSink sink;
    sink.start = [&](Size size) {
        if (image.size.known() && size != image.size) return false;
        if (first) map_.reset(size);
        return size == map_.size();
    };
    sink.row = [&](std::uint64_t y, const unsigned char *rgba) {
        if (y % 256 == 0) stop_if_cancelled(job_);
        for (std::uint64_t x = 0; x < map_.size().width; ++x, rgba += 4) map_.set(x, y, number_of(rgba, map_.at(x, y)));
    };
    const std::optional<std::string> why = read_png(file.text, options_.common.max_pixels, sink);
    return !why || unreadable(image, "the file " + *why + ".");
}

bool Masks::unreadable(const Image &image, const std::string &why) {
    books_.note(Note::mask_unreadable);
    if (++warned_ <= kNamed)
        job_.warning("A mask of " + quote(image.record.external_id.substr(0, 100)) + " was left out: " + why);
    return false;
}

bool Masks::collect(const Image &image, std::uint8_t last) {
    return map_.collect(last, masks_) || unreadable(image, "it is too ragged.");
}

const PixelMap::Mask *Masks::segmentation(const Image &image, const Json &urls) {
    // It is not documented whether transparency or black and white marks a mask. A pixel belongs to it if it is opaque
    // and, in a file that is opaque everywhere, not black.
    constexpr std::uint8_t kMember = 1, kBlack = 2, kOther = 3;
    const unsigned count = urls.IsArray() ? urls.Size() : 1;
    if (count > kMostMasks) return unreadable(image, "its object has too many masks."), nullptr;
    for (unsigned i = 0; i < count; ++i) {
        const std::string_view url = text_of(urls.IsArray() ? &urls[i] : &urls);
        bool see_through = false;
        const auto number = [&](const unsigned char *rgba, std::uint8_t before) -> std::uint8_t {
            const bool is_opaque = rgba[3] >= kOpaque;
            see_through = see_through || !is_opaque;
            if (before == kMember) return before; // it belongs to an earlier mask
            if (!is_opaque) return 0;
            return rgba[0] || rgba[1] || rgba[2] ? kOther : kBlack;
        };
        if (!draw(image, url, i == 0, number)) return nullptr;
        map_.rename({0, kMember, see_through ? kMember : std::uint8_t{0}, kMember});
    }
    if (count == 0 || !collect(image, kMember)) return nullptr;
    return &masks_[kMember];
}

std::vector<Masks::Brush> Masks::brush(const Image &image) {
    load_colours();
    std::uint64_t unmatched = 0;
    const auto number = [&](const unsigned char *rgba, std::uint8_t) -> std::uint8_t {
        if (rgba[3] < kOpaque) return 0;
        const std::uint8_t found = colours_.find(std::uint32_t{rgba[0]} << 16 | std::uint32_t{rgba[1]} << 8 | rgba[2]);
        unmatched += found == 0;
        return found;
    };
    std::vector<Brush> drawn;
    const auto last = static_cast<std::uint8_t>(colours_.classes().size());
    if (!draw(image, image.task.brush_url, true, number) || !collect(image, last)) return drawn;
    if (unmatched) books_.note(Note::brush_unmatched_px, unmatched);
    for (std::size_t i = 1; i <= last; ++i)
        if (masks_[i].pixels > 0) drawn.push_back({&colours_.classes()[i - 1], &masks_[i]});
    return drawn;
}

/// Reads the colours from the ontology of the event, otherwise from Hub.
void Masks::load_colours() {
    if (colours_loaded_) return;
    JsonParser parser;
    const auto given = job_.field("categorySchema");
    if (const Json *schema = given ? parser.parse(*given) : nullptr) colours_.read(*schema);
    std::string why = "The project has no class with a colour.";
    if (colours_.classes().empty()) {
        JsonParser id_parser;
        const auto field = job_.field("projectId");
        const std::string project(text_of(field ? id_parser.parse(*field) : nullptr));
        if (is_plain_id(project)) {
            const Job::Fetched answer = job_.fetch("/v2/project/" + project, kLongestProject);
            if (!answer.ok) why = answer.text;
            const Json *root = answer.ok ? parser.parse(answer.text) : nullptr;
            const Json *schema = find(find(find(root, "data"), "project"), "categorySchema");
            if (schema) colours_.read(*schema);
        }
    }
    if (colours_.classes().empty())
        throw Failure("Brush traces need the colours of the project's classes, but Hub did not give them. Set option "
                      "\"masks\" to \"none\" to convert without brush traces.",
                      why);
    colours_loaded_ = true;
}

} // namespace ango::export_coco
