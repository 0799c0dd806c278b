//! ValidatingAdmissionPolicy and MutatingAdmissionPolicy as a pure library.
