/* The ways a client can prove who it is: a set of bits (auth.methods, plink_auth.method). */
#ifndef METHOD_H
#define METHOD_H

#define METHOD_MSCHAPV2 1u
#define METHOD_CHAP 2u
#define METHOD_PAP 4u
#define METHOD_EAP 8u

#endif
