// Keys and certificates for tests, made once with OpenSSL and keytool; they protect nothing. The
// server's is for zk1.example.com, *.svc.example.com, 127.0.0.1 and ::1; every password is
// "secret". Valid for a hundred years, but for those that must not be.

/// PEM texts and key stores.
package enum TestKeys {
    package static let password = Array("secret".utf8)

    /// Signed all of the others unless they say otherwise.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBezCCASGgAwIBAgIUQlzKu2r58YG+fk6ziYZiETKh1tEwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjQwMzQ1MjhaGA8yMTI2MTAzMTAz
        NDUyOFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABM/y3SIJrobdw3s4kVWtBAxr5YZps38U6SbYYD6M94BJ8RqfCaKT233wbYgU
        PacRSzyr9yrCXWqulYgoy5+w8+WjUzBRMB0GA1UdDgQWBBSqcess10qYV5X27r+Q
        AtzHO/wLbzAfBgNVHSMEGDAWgBSqcess10qYV5X27r+QAtzHO/wLbzAPBgNVHRMB
        Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIGZFOk2dXGGPei/u280uODJUTNoW
        bzqMwBaaWkx1im4xAiEAwK64l0irqOzm8DcIrwT+bP24qSI8gFL5Rm8N4ZV29Gs=
        -----END CERTIFICATE-----
        """

    /// Signed none of them.
    package static let otherAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBfTCCASOgAwIBAgIUKFMCJnDm9sb7BkqTAk9lgqRHs3MwCgYIKoZIzj0EAwIw
        EzERMA8GA1UEAwwIT3RoZXIgQ0EwIBcNMjYxMTI0MDM0NTI4WhgPMjEyNjEwMzEw
        MzQ1MjhaMBMxETAPBgNVBAMMCE90aGVyIENBMFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAE7TN75RXrfvaOFWaS5sKH94XVRUZH08mMfa35M1OAFFw+tDYJNkymDXoZ
        Hrf8gK/HoqZFaIEVE48L5r0XUmfSYaNTMFEwHQYDVR0OBBYEFNaSxN3dSWhotfjY
        i0DaLz6dtO4HMB8GA1UdIwQYMBaAFNaSxN3dSWhotfjYi0DaLz6dtO4HMA8GA1Ud
        EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAI061qSjfL0cO6I06F+GTEnr
        d7NHGgyBaIHmhZfi3TiVAiB/7lrgKnRwy6xAKDH8JvpDBqvlJtbbqqh1HD2UIdYy
        Qw==
        -----END CERTIFICATE-----
        """

    /// The good server.
    package static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBsTCCAVigAwIBAgIUQGDLwpQYV1twb+u0ue1fWQ/DGNMwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjQwMzQ1MjhaGA8yMTI2MTAzMTAz
        NDUyOFowETEPMA0GA1UEAwwGc2VydmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
        QgAEWLrnomgAdG9Pwd74/wyIXs4lB0qf7t6ZgDVKJ1aKJkBDSq1xqoULRhqRExny
        Woh3bQG0BG6a+LxJt7KtYtGYhKOBijCBhzBFBgNVHREEPjA8gg96azEuZXhhbXBs
        ZS5jb22CESouc3ZjLmV4YW1wbGUuY29thwR/AAABhxAAAAAAAAAAAAAAAAAAAAAB
        MB0GA1UdDgQWBBTaGibZOBU7YoyR200RYfcJwbaFejAfBgNVHSMEGDAWgBSqcess
        10qYV5X27r+QAtzHO/wLbzAKBggqhkjOPQQDAgNHADBEAiBgRvgbJje0iXMBwr1e
        7tHeh1S1YGMRP9TLskuf5Jtb0AIgNdUl649kbwOsz7zasWHDZms5ERmOkb67twGv
        rZP7GjY=
        -----END CERTIFICATE-----
        """

    /// Of the same key; over since 2021.
    package static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBcjCCARegAwIBAgIBATAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENB
        MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowEjEQMA4GA1UEAwwHZXhw
        aXJlZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFi656JoAHRvT8He+P8MiF7O
        JQdKn+7emYA1SidWiiZAQ0qtcaqFC0YakRMZ8lqId20BtARumvi8SbeyrWLRmISj
        XjBcMBoGA1UdEQQTMBGCD3prMS5leGFtcGxlLmNvbTAdBgNVHQ4EFgQU2hom2TgV
        O2KMkdtNEWH3CcG2hXowHwYDVR0jBBgwFoAUqnHrLNdKmFeV9u6/kALcxzv8C28w
        CgYIKoZIzj0EAwIDSQAwRgIhAJN5+aN9h1wvt1a9tOxiis0GCEehdyM6ZaYe7VRQ
        RL21AiEA1zjEGacOmgYYLGcwztFQSQdcsUwU5ycsh7b+s3Mpkm8=
        -----END CERTIFICATE-----
        """

    /// Of the same key; begins in 2098.
    package static let early = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCARmgAwIBAgIBAjAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENB
        MCIYDzIwOTgwMTAxMDAwMDAwWhgPMjA5OTAxMDEwMDAwMDBaMBAxDjAMBgNVBAMM
        BWVhcmx5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWLrnomgAdG9Pwd74/wyI
        Xs4lB0qf7t6ZgDVKJ1aKJkBDSq1xqoULRhqRExnyWoh3bQG0BG6a+LxJt7KtYtGY
        hKNeMFwwGgYDVR0RBBMwEYIPemsxLmV4YW1wbGUuY29tMB0GA1UdDgQWBBTaGibZ
        OBU7YoyR200RYfcJwbaFejAfBgNVHSMEGDAWgBSqcess10qYV5X27r+QAtzHO/wL
        bzAKBggqhkjOPQQDAgNJADBGAiEAxcRm9TTuKpM5dJVwlk/mhYOzPhAc0+85/bzX
        qBHNkO4CIQDTeLuWcgfeH04xaz7uVB3MtgIythGkypNqEVtQaNv9Hw==
        -----END CERTIFICATE-----
        """

    /// Of the same key, signed by itself.
    package static let selfSigned = """
        -----BEGIN CERTIFICATE-----
        MIIBkjCCATmgAwIBAgIUKZxO78MITlGuLHkwokV1Yp8g6d0wCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFYWxvbmUwIBcNMjYxMTI0MDM0NTI4WhgPMjEyNjEwMzEwMzQ1
        MjhaMBAxDjAMBgNVBAMMBWFsb25lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        WLrnomgAdG9Pwd74/wyIXs4lB0qf7t6ZgDVKJ1aKJkBDSq1xqoULRhqRExnyWoh3
        bQG0BG6a+LxJt7KtYtGYhKNvMG0wHQYDVR0OBBYEFNoaJtk4FTtijJHbTRFh9wnB
        toV6MB8GA1UdIwQYMBaAFNoaJtk4FTtijJHbTRFh9wnBtoV6MA8GA1UdEwEB/wQF
        MAMBAf8wGgYDVR0RBBMwEYIPemsxLmV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0cA
        MEQCIDuwoMYj2E2gb/kTF6LlO03Oj10co0MMs3EYzJ35DWDUAiAnzEKLX87ESj/a
        uLrWNrlfooSQcIz8uKTww+xG2+6mBg==
        -----END CERTIFICATE-----
        """

    /// The key of all servers.
    package static let serverKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIOAoHBcAHnHTF5NRQmjBSzh+UbOjuoszbPxSKmL8i6e2oAoGCCqGSM49
        AwEHoUQDQgAEWLrnomgAdG9Pwd74/wyIXs4lB0qf7t6ZgDVKJ1aKJkBDSq1xqoUL
        RhqRExnyWoh3bQG0BG6a+LxJt7KtYtGYhA==
        -----END EC PRIVATE KEY-----
        """

    /// A client.
    package static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASWgAwIBAgIUQGDLwpQYV1twb+u0ue1fWQ/DGNQwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjQwMzQ1MjhaGA8yMTI2MTAzMTAz
        NDUyOFowFDESMBAGA1UEAwwJaGlnaHdhdGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEI3Nb8EBnkR8ID4tIViiIwibQyRtYhDH/83GOjEZcC/AR/CKDXm5bNPYn
        YV9EQf+D0WFUW+HOMDtd5kBq6jyRWKNVMFMwEQYDVR0RBAowCIIGY2xpZW50MB0G
        A1UdDgQWBBReoiJa4BtBB9AmHY82dD5YH/+bXjAfBgNVHSMEGDAWgBSqcess10qY
        V5X27r+QAtzHO/wLbzAKBggqhkjOPQQDAgNIADBFAiAHK5T175O5/PhvswdB5SD7
        6QsS2IPW1qqMMilm5UIN4gIhAJ641l8BMHPfH53Tey4/mFQ/b8yEkdiUx6sEQ3Ni
        rDef
        -----END CERTIFICATE-----
        """

    /// Its key.
    package static let clientKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIGcVtg20hp61DIhiTWo4UJ1GNLC1EFPcpDsf2np2k8KKoAoGCCqGSM49
        AwEHoUQDQgAEI3Nb8EBnkR8ID4tIViiIwibQyRtYhDH/83GOjEZcC/AR/CKDXm5b
        NPYnYV9EQf+D0WFUW+HOMDtd5kBq6jyRWA==
        -----END EC PRIVATE KEY-----
        """

    /// Its key under the password, PKCS8.
    package static let clientKeyEncrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAippMQAK2hAGgICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGb485Z2TYQqBKV4VGh1HaoEgZBE
        rHVQ8cJi4fjwwuU6gKfAjqaZwSH/2Vs53AnzqQZrlfn9wv4TmVsJR6I7Pu4ocfUh
        6iXyi+7E0Rm+s2EYNHFE7WD+rDSG2X2/btpDp2XjpJjGvwau0IsLyTbouWTUCEZF
        1LSoVusTjK1cbvZPJxciXb8cDCkGmNC7tM1I3us5AcQsGULjuIxnBp2rOnwQD1E=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// Its key under the password, with headers.
    package static let clientKeyOldEncrypted = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,05DB82FD5F6FF1E27B8A75AB65187295

        +hpCM24NLQNnvsZujr/z2vRTfGhHsZcC9oHSiwsfGFyMiDENXUGnijSAThBo6gib
        gFxgGWAfalRWQY6DXjXqUPutR2G/Kwa8q5t8UlPNGP6dYdDRNo4jY7awU+cbd4rV
        w++y4FVbv12ClYyWspZ5QqB0FzQlJ4SjyB44V5VdwvE=
        -----END EC PRIVATE KEY-----
        """

    /// The client, its key and the authority, by OpenSSL.
    package static let clientPKCS12 = bytes(
        """
        MIIF3wIBAzCCBZUGCSqGSIb3DQEHAaCCBYYEggWCMIIFfjCCBCIGCSqGSIb3DQEHBqCCBBMwggQP
        AgEAMIIECAYJKoZIhvcNAQcBMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjDIDMVtgYm
        uQICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEK4iH4OBTqCDQLXrmevzhfyAggOgm2F1
        vjpF7KXJho+KanvIX41sS5b/6dq1fL8O9TwtxY87c8THojsNgyhMytMaMPqC8ZRfqqVZzuVpus+Y
        gTAoIvfAuXXHT1dARcEZHrFi/FZNqRXQLhtWCfeOcz43oxHEtItU/i9NZ0iHjQcnm54mYBc3K3ir
        npjsiCkByYSEQGVWZVlLDpZveHZd1wm/V1j22W0Zf3xn+b3Z1GXz1cXY4nUcYpxe/kP75Pr2Pp34
        f2jpKqR4vZKwg8iKCAo6izG2nSuadWvNAwBLlcxZSTCjzsKIPz17fbkdt5DnxD86fw5YJWTGyuKW
        vJOfWnUaxatbcxBM4j6ibDU104QgMBFDGlIwLlrUg8UiOkK46inWXT39cq5eS5X2lXzIckp26PTU
        QC6Y+CzAG5vdKqjISB5COi9SpsyHPdp8A1RmLgBx5E09DX5r8eEZ4PV+O4mA1LTDT7r92P+AvBdF
        KkqBUuUO41NaT6Og9Ok2ojhNhC96rMGtNo65oBBvVRt1XlRh/e/Z/NRd1HTofa1xaHzqt+NN4SAg
        JWkM++Tb3LTtdNnij96pCYWYp8deGRaSg/scRG38lVjk+jpb8k0ZD5ZaTvgFMWFaG5F/vSmIBEjY
        GcEgM/NeE8QpGy8DCzjPxx9qG7/9wmVAMzrBBdV5d6/Xrdp0JKv9VWqKGYbmtGtXpc1XmkeIiQiA
        9+5Ujr9o22qb4CQWXqBqXv96F/L44g+j8KGFEWqgoAFss6SW43Wd6C9doXHID84YR79R/C+C/Gv3
        /rOEtM8a7cc9gmoacQYnKnlAo5XsZ+olsKUpO0FYg7gcwvfJSxa8muAQP8Jfptn1DYkzxIZE05iU
        E1hyX0Ihvkk0kRFzAJIAHcm9hNvDSjNQ0EFvqR+e2AxhJ1yfa8CsrXFE43bXLK1w5EL2RKZb0Aq8
        41EhNhCOisnbuvHFIEsviGEJf1bPKI482gz9k5TZyAOuFnGbu1P4z/UR/RLi3zvkcwZn6utrMAS/
        qfsdI5XKXWY3gjxzfA5Mhbt3FTKEWJd3+cTmZPSM6Lkxicie0vxOjpgzEVdwsMoXTOGB7Girn7i6
        ArMFLdLNXgVZ9IKHTKAO6TSdWOf3M6XVbp73rCMysGJhrp5StU1SswrekDk1AEhrUROhIvdYJj1p
        p6KCTpISiv928V5hVDDqRFxO+B6DN5iixkA5z4BNKsbeLI7YSFpig5uwvGhYOVYwvZHok7iPr+vi
        GyhEQM6oZb0eo2ItQTCCAVQGCSqGSIb3DQEHAaCCAUUEggFBMIIBPTCCATkGCyqGSIb3DQEMCgEC
        oIHvMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhZN08EuA0rdgICCAAwDAYIKoZI
        hvcNAgkFADAdBglghkgBZQMEASoEEIojCPu+lW72k+csnD6ZfLEEgZAlxExHbreqcOOecTFtUxEV
        vTO+uHtEkqTSf8aamHRGPZrKk+wiB03LY2I5SKFRE3ZrDh7u0HHIzKGuuOIwKELzYoIO9VoPAqHY
        7WxA/FdHFA2Oz0RPzCMqq4Q7DA/o4gHxcg7uoNjfLvtSr6+iD+E8k6K39Upiae8Dccl33np67vEM
        CzD+qkAxqXaK6N3PStMxODARBgkqhkiG9w0BCRQxBB4CAGMwIwYJKoZIhvcNAQkVMRYEFHIvLBs9
        u2y1qEXEJTJfWblG8HFoMEEwMTANBglghkgBZQMEAgEFAAQgmQWIkXZZ+EF9olxHP/FbosHaQdDe
        MTqSYHD2j4uFMWMECJm7c8MFz8lxAgIIAA==
        """)

    /// The same under RC2.
    package static let clientLegacyPKCS12 = bytes(
        """
        MIIDggIBAzCCA0gGCSqGSIb3DQEHAaCCAzkEggM1MIIDMTCCAicGCSqGSIb3DQEHBqCCAhgwggIU
        AgEAMIICDQYJKoZIhvcNAQcBMBwGCiqGSIb3DQEMAQYwDgQIclxNX1Y9Lf8CAggAgIIB4BfeFVfn
        mCB5QjedUULEL2jgaRBq8cq5kxouyd6bU0C7po3kstwrbfzLX5UVHgE509aPEFdVKuLpZalTi+px
        kyoeee2wxXaCU92WTccC7PS+xl7Qi0esfle0uPL9IxCivhrY30G6bwFTGK6qDBboRw18n/ItVg6A
        bXnYMdDOXTR2q69xLUAz/oteNdBrJpnjCwOxxnqPBbezZOKUvQiveZKGlVP0W1WSeAnrPO/jeZ+E
        oLjO4H1J/nnuA9CC7KeaVCW0xqF11eMstucPrafD823lJjHCAkkiscX7We0k6E+DxpsqfnTHYple
        nb2T/qpefKHY/cOAWPupHGw1J3adBQFTm9DN1vdCSjxuqY8PG+KbbqLDFQ7Hz6Rmf1duPoxcFxBc
        i+7Tw2QF5dDMc0K/lDuWq87vE0i6o9k7Hle/BiKd1+1mOBKulMDdiTs/L4NiAaAcBWq5J4lMd+wd
        TX6iiT47X+lUa9JM3qpsdoGCtlkktLhC6XgcKXBahzzaUhT5v60Vej0mHlF44OCjq9CsyUjOCjt0
        Yp7yy/yxXYqoFMAyAv9JgOapaSHXu93Y2Mc0ZZEQFdvMc1m4Z1G8Xnef9fcG5MLKmAWAyF3fg0zi
        tkLuKFrgLFMjJOoxRUnMo/W5FTCCAQIGCSqGSIb3DQEHAaCB9ASB8TCB7jCB6wYLKoZIhvcNAQwK
        AQKggbQwgbEwHAYKKoZIhvcNAQwBAzAOBAhHYb3CY9DefQICCAAEgZCJaxz9Fii5MjsDgbiZEpvm
        Ti7SrKLUHHmoxZWfyr9SM+HXpzfrJ9IAv4Bz1H8ktP/OcyjT7QMAR4L29HnYMfIRoZC54Bc19Pbd
        WjHcACVvQtVo1RhlyTKSvwUfUItiCDJB1FObqN2ahyVzF14MLqT7Uhqf3DAdwMdckonamkn1VU5f
        FVIGHKvw7ewXQowFr6ExJTAjBgkqhkiG9w0BCRUxFgQUci8sGz27bLWoRcQlMl9ZuUbwcWgwMTAh
        MAkGBSsOAwIaBQAEFE8QrcABlKwiE9cqy56Bo4k3Z19NBAibCgn0bGaR7QICCAA=
        """)

    /// The same by keytool.
    package static let clientJKS = bytes(
        """
        /u3+7QAAAAIAAAABAAAAAQABYwAAAaILqKaoAAAAyDCBxTAOBgorBgEEASoCEQEBBQAEgbJmeTEj
        jIwZJ8K2fVtfZww78+SMwrg5ZQK7K1b9sK6/Rp/Eb1QHEzX+pWZWKvm/5STG7GfmoA2AOf/vWDyc
        TdIr7o23kT7E98QEoe6wPRguwC5uIJ9waBYO9yUbw9ERqwILglK67dUFNsrigBQ4JTPCV3IzO7no
        a+W366OD4W2d67LN7Fkt8HbrTmYVTZc1tz60ccaX+6tGjqCiH/kEKQB4JFka4uPtdoJtKGBrXd4F
        RIJJAAAAAgAFWC41MDkAAAGDMIIBfzCCASWgAwIBAgIUQGDLwpQYV1twb+u0ue1fWQ/DGNQwCgYI
        KoZIzj0EAwIwEjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjExMjQwMzQ1MjhaGA8yMTI2MTAzMTAz
        NDUyOFowFDESMBAGA1UEAwwJaGlnaHdhdGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEI3Nb
        8EBnkR8ID4tIViiIwibQyRtYhDH/83GOjEZcC/AR/CKDXm5bNPYnYV9EQf+D0WFUW+HOMDtd5kBq
        6jyRWKNVMFMwEQYDVR0RBAowCIIGY2xpZW50MB0GA1UdDgQWBBReoiJa4BtBB9AmHY82dD5YH/+b
        XjAfBgNVHSMEGDAWgBSqcess10qYV5X27r+QAtzHO/wLbzAKBggqhkjOPQQDAgNIADBFAiAHK5T1
        75O5/PhvswdB5SD76QsS2IPW1qqMMilm5UIN4gIhAJ641l8BMHPfH53Tey4/mFQ/b8yEkdiUx6sE
        Q3NirDefAAVYLjUwOQAAAX8wggF7MIIBIaADAgECAhRCXMq7avnxgb5+TrOJhmIRMqHW0TAKBggq
        hkjOPQQDAjASMRAwDgYDVQQDDAdUZXN0IENBMCAXDTI2MTEyNDAzNDUyOFoYDzIxMjYxMDMxMDM0
        NTI4WjASMRAwDgYDVQQDDAdUZXN0IENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEz/LdIgmu
        ht3DeziRVa0EDGvlhmmzfxTpJthgPoz3gEnxGp8JopPbffBtiBQ9pxFLPKv3KsJdaq6ViCjLn7Dz
        5aNTMFEwHQYDVR0OBBYEFKpx6yzXSphXlfbuv5AC3Mc7/AtvMB8GA1UdIwQYMBaAFKpx6yzXSphX
        lfbuv5AC3Mc7/AtvMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgZkU6TZ1cYY96
        L+7bzS44MlRM2hZvOozAFppaTHWKbjECIQDArriXSKuo7ObwNwivBP5s/bipIjyAUvlGbw3hlXb0
        a1B7A9l9TnMm/Bc+Zp2cGMTXBWOb
        """)

    /// The authority alone, by keytool.
    package static let trustPKCS12 = bytes(
        """
        MIIC4gIBAzCCAowGCSqGSIb3DQEHAaCCAn0EggJ5MIICdTCCAnEGCSqGSIb3DQEHBqCCAmIwggJe
        AgEAMIICVwYJKoZIhvcNAQcBMGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBQkAp6Yf10X
        3Xmue29krgpjAJ10yQICJxACASAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEwcfS+5THxb
        C1dZZfofIHeAggHgPsrGOctqv+t5EpqKslJy40zDIi0VrmlaK8WKfUV0XjAoWAIsXWG5ts2HhJWf
        MR0sg/JRzDYM10S+gwMqPUBnVRpavNq6nKLfVnvzj47eiLo65soB54BoyuIokx+r4zdpXC3Ngogz
        mlU3ZNZ6quRue64hOevfYPDGZWTn/hzZo40vVK+qfhyHkUkztXWFRRTG0qHRagbRmSQ2ZNhbClmA
        1IdaJamwMHGkzeJn+ung3s1PQ/c4WlBmleb7LaTTGUyRXCiiK6cn+pgh8I2r1M8N+3nxK6Ey4h0s
        XkgtbDmI0WbQ8txZ7k/AOCRlZocAZzIDsuPzKlv4E4E9DLzFnsjb6ikRovkMwagVClgjl+rVNDtp
        TQysbOtjChlYUd2oIZ5nX9vx2Tf9z9XlnkA6F61uOZBn7PpQJcvPx2qzrQroCehlXee2muj8X0RZ
        999cjlPn7aVkFQWRGD/CL2GISPQNP1UEfSDLu4IzqYba/yaYNqyGEJvhOvwnxp+LrkGDdtPqUkBG
        Pr1WvqXo1RnR7IsAIYcXDiNEkinVTvdtUuELZx2VAiuAtz9m8JoOrV2FkfFsyxHXKQViPOIsI8o6
        QrAh3kHP6dSjBCnOCxzSMZW6vrZj3cRAKq28HgRz1flfYNxWME0wMTANBglghkgBZQMEAgEFAAQg
        jz6Tw/nsy39+1nAlJ13gN/5gMhvLz3eV7tDcKF7UMcYEFFtqk6J505ojS/ywQXcp63Dp03TCAgIn
        EA==
        """)

    /// The same in Java's old format.
    package static let trustJKS = bytes(
        """
        /u3+7QAAAAIAAAABAAAAAgACY2EAAAGiC6iicAAFWC41MDkAAAF/MIIBezCCASGgAwIBAgIUQlzK
        u2r58YG+fk6ziYZiETKh1tEwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHVGVzdCBDQTAgFw0yNjEx
        MjQwMzQ1MjhaGA8yMTI2MTAzMTAzNDUyOFowEjEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABM/y3SIJrobdw3s4kVWtBAxr5YZps38U6SbYYD6M94BJ8RqfCaKT233w
        bYgUPacRSzyr9yrCXWqulYgoy5+w8+WjUzBRMB0GA1UdDgQWBBSqcess10qYV5X27r+QAtzHO/wL
        bzAfBgNVHSMEGDAWgBSqcess10qYV5X27r+QAtzHO/wLbzAPBgNVHRMBAf8EBTADAQH/MAoGCCqG
        SM49BAMCA0gAMEUCIGZFOk2dXGGPei/u280uODJUTNoWbzqMwBaaWkx1im4xAiEAwK64l0irqOzm
        8DcIrwT+bP24qSI8gFL5Rm8N4ZV29Gt9h+Bh26tFk9pmRgLX+mCvYCc7gg==
        """)

    private static func bytes(_ base64: String) -> [UInt8] {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        var held = 0
        var bits = 0
        for byte in base64.utf8 {
            guard let value = letters.firstIndex(of: byte) else { continue }
            held = (held << 6 | value) & 0xffff
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            result.append(UInt8(truncatingIfNeeded: held >> bits))
        }
        return result
    }
}
