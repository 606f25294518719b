// The classes of a run (formats.md 4.1 "Classes"). While assets stream by, a class is known by a provisional
// index in order of appearance; ids are given when all are known, so that filtering or resharding an export
// does not renumber them.
#pragma once

#include "json.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::convert {

enum class ClassKey { kTitle, kSchemaId };

class Classes {
public:
    struct Class {
        std::string title;                   // of the key; the name unless it collides
        std::vector<std::string> schema_ids; // distinct, in order of appearance
        bool used = false;                   // some output has it
        bool listed = false;                 // by an ontology or class_list: in the result even without objects
    };
    /// A class of the result; ids are positions in the vector that order() returns.
    struct Ordered {
        std::uint32_t index = 0; // provisional
        std::string name;
    };

    explicit Classes(ClassKey key) : key_(key) {}

    /// Pins the order and the set of classes: everything else has no class. Call before the first asset.
    void pin(const std::vector<std::string> &names);

    /// Takes the order of an ontology: the event's categorySchema, an object with "tools" or an array of tools.
    /// wanted: whether the target can hold a tool of this shape key. False if there is none (null, empty).
    bool add_ontology(const Json &schema, const std::function<bool(std::string_view)> &wanted);

    /// Provisional index of a tool's class; empty: no_class.
    std::optional<std::uint32_t> find_or_add(std::string_view title, std::string_view schema_id);
    void use(std::uint32_t index) { classes_[index].used = true; }
    const Class &operator[](std::uint32_t index) const { return classes_[index]; }
    std::size_t size() const { return classes_.size(); }

    /// The classes of the result: pinned or ontology order first, the rest by byte order of the name.
    std::vector<Ordered> order() const;

private:
    std::uint32_t add(std::string_view key, std::string_view title, std::string_view schema_id, bool listed);
    std::vector<std::string> names() const;

    ClassKey key_;
    bool pinned_ = false;
    std::vector<Class> classes_;
    std::vector<std::string> keys_;                          // per class
    std::unordered_map<std::string, std::uint32_t> by_key_;  // title or schemaId
    std::unordered_map<std::string, std::uint32_t> by_pair_; // what a tool says, schemaId and title: one look-up a tool
    std::string lookup_;
};

} // namespace ango::convert
