// The classes of a run (modules/FORMATS.md 4.3). While assets stream by, a class has a provisional index in order of
// appearance. Ids are given when all classes are known, so that a filtered or split export keeps its numbers.
#pragma once

#include "common/json.hpp"
#include "common/names.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::common {

enum class ClassKey { title, schema_id };

class Classes {
public:
    struct Class {
        std::string title;                   // the name, unless two classes share it
        std::vector<std::string> schema_ids; // distinct, in order of appearance
        bool used = false;                   // some output has this class
        bool listed = false;                 // in the ontology or class_list: in the result even without objects
    };
    /// A class of the result; ids are positions in the vector that order() returns.
    struct Ordered {
        std::uint32_t index = 0; // provisional
        std::string name;
    };

    explicit Classes(ClassKey key) : key_(key) {}

    /// Fixes the order and the set of classes: everything else has no class. Call before the first asset. A tool of the
    /// export belongs to the class whose name looks the same as its own.
    void pin(const std::vector<std::string> &names);
    /// Sentences for the user, of at most the first few, about classes of the export that were left out although their
    /// names differ from pinned ones only in upper and lower case.
    const std::vector<std::string> &warnings() const { return warnings_; }

    /// Takes the order of an ontology: the event's categorySchema, an object with "tools" or an array of tools.
    /// wanted: whether the format has a place for a tool of this shape key. False if the ontology names no such class.
    bool add_ontology(const Json &schema, const std::function<bool(std::string_view)> &wanted);

    /// Provisional index of a tool's class; nothing: Reason::no_class.
    std::optional<std::uint32_t> find_or_add(std::string_view title, std::string_view schema_id);
    void use(std::uint32_t index) { classes_[index].used = true; }
    const Class &operator[](std::uint32_t index) const { return classes_[index]; }
    std::size_t size() const { return classes_.size(); }

    /// The classes of the result: listed classes in their order, then the others by the bytes of their names.
    std::vector<Ordered> order() const;

private:
    std::uint32_t add(std::string_view key, std::string_view title, std::string_view schema_id, bool listed);
    std::optional<std::uint32_t> find_pinned(std::string_view name);
    std::vector<std::string> names() const;

    ClassKey key_;
    bool pinned_ = false;
    std::vector<Class> classes_;
    std::vector<std::string> keys_;                         // per class
    std::unordered_map<std::string, std::uint32_t> by_key_; // title or schemaId
    /// schemaId and title of a tool: one look-up for each tool. Nothing: the tool has no class.
    std::unordered_map<std::string, std::optional<std::uint32_t>> by_pair_;
    NameIndex pinned_names_; // in the order of classes_
    std::vector<std::string> warnings_;
    std::string lookup_;
};

} // namespace ango::common
